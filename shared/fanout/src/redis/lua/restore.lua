-- Puts back what the store has forgotten, unless something is there by now.
-- KEYS lease, meta, stream; ARGV token, epoch, last, cursor, tty, seconds to keep.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'OK'} end
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[2], 'epoch', ARGV[2], 'last', ARGV[3], 'cursor', ARGV[4], 'tty', ARGV[5], 'gap', '',
  'marks', 0, 'bytes', 0)
redis.call('EXPIRE', KEYS[2], ARGV[6])
return {'OK'}
