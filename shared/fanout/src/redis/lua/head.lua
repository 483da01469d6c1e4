-- Where a log stands. KEYS lease, meta; ARGV token.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
local head = redis.call('HMGET', KEYS[2], 'epoch', 'last', 'cursor', 'tty', 'unwatched')
if not head[1] then return {'LOST'} end
return {'OK', head[1], head[2], head[3], head[4], head[5] or '0'}
