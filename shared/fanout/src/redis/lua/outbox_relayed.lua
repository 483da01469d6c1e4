-- Takes out what is in the log. KEYS lease, outbox, about the outbox; ARGV token, place of the last, place behind it.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
redis.call('HSET', KEYS[3], 'relayed', ARGV[2])
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[3])
local lost = redis.call('HGET', KEYS[3], 'lost') or '0'
-- What did not fit in stands here as a number, before everything that comes later.
if lost ~= '0' then
  redis.call('XADD', KEYS[2], '*', 'l', lost)
  redis.call('HSET', KEYS[3], 'lost', 0)
end
return {'OK', tostring(redis.call('XLEN', KEYS[2])), lost}
