-- Makes sure that there is an outbox. KEYS lease, outbox, about the outbox; ARGV token, time in ms.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
if redis.call('HSETNX', KEYS[3], 'began', ARGV[2]) == 0 then return {'OK', '0'} end
redis.call('XADD', KEYS[2], '*', 'b', '')
return {'OK', '1'}
