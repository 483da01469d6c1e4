-- Forgets a container. KEYS lease, meta, stream, state, stats; ARGV token, state, seconds to keep, publishing command,
-- channel of the log, frame.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
redis.call('DEL', KEYS[2], KEYS[3], KEYS[5])
redis.call('SET', KEYS[4], ARGV[2], 'EX', ARGV[3])
redis.call(ARGV[4], ARGV[5], ARGV[6])
return {'OK'}
