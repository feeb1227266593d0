-- A page of a run's steps in one reply, of each the fields that are asked for.
-- KEYS: the list of ids, what the keys of steps begin with. ARGV: first place, last place, fields.
local fields = { unpack(ARGV, 3) }
local steps = {}
for n, id in ipairs(redis.call('LRANGE', KEYS[1], ARGV[1], ARGV[2])) do
  steps[n] = redis.call('HMGET', KEYS[2] .. id, unpack(fields))
end
return steps
