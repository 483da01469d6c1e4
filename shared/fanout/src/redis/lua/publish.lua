-- Appends a batch that follows the last one, and publishes it. One step: whoever lost the lease, or reads from
-- a place that is not the end, changes nothing.
-- KEYS lease, meta, stream; ARGV token, epoch, number before the batch, count, cursor, frame, seconds to keep,
-- publishing command, channel, bytes to keep, chunks to keep, most bytes.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'last', 'cursor', 'bytes')
if not meta[1] then return {'LOST'} end
if meta[1] ~= ARGV[2] then return {'EPOCH', meta[1]} end
local last, base, count = tonumber(meta[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
-- The same batch again, after an answer that never arrived.
if last == base + count and meta[3] == ARGV[5] then return {'OK'} end
if last ~= base then return {'CONFLICT', meta[2]} end
-- An entry's ID is the number of its last chunk. Not '..', which would write large numbers as 1e+15.
local new = base + count
local id = string.format('%.0f', new)
redis.call('XADD', KEYS[3], id .. '-0', 'f', ARGV[6])
local bytes = tonumber(meta[4]) + #ARGV[6]
-- The oldest go as in a replica's ring. Not all at once: a script holds everybody up.
for _ = 1, 8 do
  if bytes <= tonumber(ARGV[10]) then break end
  local oldest = redis.call('XRANGE', KEYS[3], '-', '+', 'COUNT', 1)[1]
  local number = tonumber(string.match(oldest[1], '^%d+'))
  local may_go = new - number >= tonumber(ARGV[11]) or bytes > tonumber(ARGV[12])
  if not may_go or number == new then break end
  bytes = bytes - #oldest[2][2]
  redis.call('XDEL', KEYS[3], oldest[1])
end
redis.call('HSET', KEYS[2], 'last', id, 'cursor', ARGV[5], 'marks', 0, 'bytes', string.format('%.0f', bytes),
  'seeded', 0)
redis.call('EXPIRE', KEYS[2], ARGV[7])
redis.call('EXPIRE', KEYS[3], ARGV[7])
redis.call(ARGV[8], ARGV[9], ARGV[6])
return {'OK'}
