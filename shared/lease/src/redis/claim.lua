-- Takes a host's lease if nobody has it.
-- KEYS lease, fence; ARGV time to live in ms. Returns the new token and whether the store knew none before, or 0 and
-- the time in ms to wait.
local left = redis.call('PTTL', KEYS[1])
if left ~= -2 then
  return {0, math.max(left, 1)}
end
-- The clock makes tokens grow even when FLUSHALL took the last one; the last one does when the clock steps back.
local now = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local token = math.max(now[1] * 1000000 + now[2], last + 1)
-- Not '..', which would write large numbers as 1e+15.
local text = string.format('%.0f', token)
redis.call('SET', KEYS[2], text)
redis.call('SET', KEYS[1], text, 'PX', ARGV[1])
return {token, last == 0 and 1 or 0}
