-- The oldest entries. KEYS lease, outbox; ARGV token, how many at most. Returns place, field, value of each.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
local answer = {'OK'}
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', ARGV[2])) do
  answer[#answer + 1] = entry[1]
  answer[#answer + 1] = entry[2][1]
  answer[#answer + 1] = entry[2][2]
end
return answer
