-- KEYS lease; ARGV token, publishing command, channel. Gives the lease back and wakes those who wait for it.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call(ARGV[2], ARGV[3], 'released')
return 1
