-- Keeps seats, also those that the store has forgotten. KEYS seats; ARGV ms to hold, holder...
local now = redis.call('TIME')
local till = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[1])
for index = 2, #ARGV do redis.call('ZADD', KEYS[1], till, ARGV[index]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
