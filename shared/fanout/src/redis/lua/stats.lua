-- Replaces the newest sample. KEYS lease, stats; ARGV token, sample, seconds to keep, publishing command, channel.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
redis.call(ARGV[4], ARGV[5], ARGV[2])
return {'OK'}
