-- How full the outbox is. KEYS lease, outbox; ARGV token.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
return {'OK', tostring(redis.call('XLEN', KEYS[2]))}
