-- Says what condition a log is in.
-- KEYS lease, meta, state; ARGV token, state, seconds to keep, publishing command, channel, frame, whether nobody watches.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3])
-- A hash without a numbering would look like a log's place.
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('HSET', KEYS[2], 'unwatched', ARGV[7]) end
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call(ARGV[4], ARGV[5], ARGV[6])
return {'OK'}
