-- Begins a numbering. KEYS lease, meta, stream; ARGV token, epoch, tty, gap reason or '', seconds to keep,
-- publishing command, channel, frame.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
redis.call('DEL', KEYS[2], KEYS[3])
redis.call('HSET', KEYS[2], 'epoch', ARGV[2], 'last', 0, 'cursor', '', 'tty', ARGV[3], 'gap', ARGV[4],
  'marks', 0, 'bytes', 0)
redis.call('EXPIRE', KEYS[2], ARGV[5])
redis.call(ARGV[6], ARGV[7], ARGV[8])
return {'OK'}
