-- Appends an event unless it was seen before: a new leader reads what the engine still holds once more.
-- KEYS lease, stream, identities, newest, outbox, about the outbox; ARGV token, event, how many are kept, identity or '',
-- time in ms, publishing command, channel, how many the outbox takes, the host's condition or ''.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'FENCED'} end
if ARGV[4] ~= '' then
  if redis.call('ZADD', KEYS[3], 'NX', ARGV[5], ARGV[4]) == 0 then return {'OK'} end
  -- Four times what is kept: more than the engine can replay.
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -4 * ARGV[3] - 1)
  redis.call('SET', KEYS[4], ARGV[2])
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'e', ARGV[2])
local limit = tonumber(ARGV[8])
-- Each leader says what condition its host is in; only changes are worth an entry in the log.
if limit > 0 and (ARGV[9] == '' or redis.call('HGET', KEYS[6], 'condition') ~= ARGV[9]) then
  if redis.call('XLEN', KEYS[5]) < limit then
    redis.call('XADD', KEYS[5], '*', 'e', ARGV[2])
    if ARGV[9] ~= '' then redis.call('HSET', KEYS[6], 'condition', ARGV[9]) end
  else
    redis.call('HINCRBY', KEYS[6], 'lost', 1)
  end
end
-- The message is a hint. Replicas read the stream, so none is lost and none comes twice.
redis.call(ARGV[6], ARGV[7], '')
return {'OK'}
