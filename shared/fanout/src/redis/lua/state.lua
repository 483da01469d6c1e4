-- Says what condition a log is in.
-- KEYS lease, meta, state; ARGV token, state, seconds to keep, publishing command, channel, frame.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call(ARGV[4], ARGV[5], ARGV[6])
return {'OK'}
