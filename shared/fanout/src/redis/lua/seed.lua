-- A replica tells a store that has forgotten a log where its own ring ends. The highest of all replicas counts, until
-- a leader writes. KEYS meta, stream; ARGV epoch, last, cursor, tty, seconds to keep.
local known = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'seeded')
if known[1] then
  local is_newer = tonumber(ARGV[1]) > tonumber(known[1])
    or ARGV[1] == known[1] and tonumber(ARGV[2]) > tonumber(known[2])
  if known[3] ~= '1' or not is_newer then return 0 end
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'last', ARGV[2], 'cursor', ARGV[3], 'tty', ARGV[4], 'gap', '',
  'marks', 0, 'bytes', 0, 'seeded', 1)
redis.call('EXPIRE', KEYS[1], ARGV[5])
return 1
