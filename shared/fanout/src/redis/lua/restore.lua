-- Puts back what the store has forgotten, unless somebody who knows more has. Answers with what is stored then.
-- KEYS lease, meta, stream; ARGV token, epoch, last, cursor, tty, seconds to keep.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
local known = redis.call('HMGET', KEYS[2], 'epoch', 'last', 'cursor', 'seeded', 'tty')
if known[1] and (known[4] ~= '1' or tonumber(known[1]) > tonumber(ARGV[2]) or tonumber(known[2]) >= tonumber(ARGV[3])) then
  return {'OK', known[1], known[2], known[3], known[5]}
end
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[2], 'epoch', ARGV[2], 'last', ARGV[3], 'cursor', ARGV[4], 'tty', ARGV[5], 'gap', '',
  'marks', 0, 'bytes', 0, 'seeded', 0)
redis.call('EXPIRE', KEYS[2], ARGV[6])
return {'OK', ARGV[2], ARGV[3], ARGV[4], ARGV[5]}
