-- Marks that chunks are missing behind the last one.
-- KEYS lease, meta, stream; ARGV token, reason, seconds to keep, publishing command, channel.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'last')
if not meta[1] then return {'LOST'} end
local mark = redis.call('HINCRBY', KEYS[2], 'marks', 1)
redis.call('XADD', KEYS[3], meta[2] .. '-' .. string.format('%.0f', mark), 'g', ARGV[2])
redis.call('EXPIRE', KEYS[3], ARGV[3])
-- Rare: replicas read it from the stream.
redis.call(ARGV[4], ARGV[5], '')
return {'OK'}
