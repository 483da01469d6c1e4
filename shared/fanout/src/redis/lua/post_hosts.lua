-- Posts the book of hosts, unless a newer one stands there. Answers with the revision that stands there then.
-- KEYS board; ARGV revision, book.
local known = redis.call('HGET', KEYS[1], 'revision')
if known and tonumber(known) >= tonumber(ARGV[1]) then return known end
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'book', ARGV[2])
return ARGV[1]
