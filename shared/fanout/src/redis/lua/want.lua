-- Wants something until a time. KEYS wanted; ARGV ms from now, publishing command, channel, topic...
local now = redis.call('TIME')
local till = now[1] * 1000 + math.floor(now[2] / 1000) + tonumber(ARGV[1])
local new = false
for index = 4, #ARGV do
  if not redis.call('ZSCORE', KEYS[1], ARGV[index]) then new = true end
  -- Another replica may want it for longer.
  redis.call('ZADD', KEYS[1], 'GT', string.format('%.0f', till), ARGV[index])
end
redis.call('PEXPIRE', KEYS[1], 86400000)
if new then redis.call(ARGV[2], ARGV[3], '') end
return 1
