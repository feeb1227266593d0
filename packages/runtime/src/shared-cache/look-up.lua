-- A kept result, or the claim to make it. KEYS: entry, lock, used. ARGV: owner, lease in ms, member.
local entry = redis.call('GET', KEYS[1])
if entry then
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[3], 'XX', string.format('%.0f', time[1] * 1000000 + time[2]), ARGV[3])
  return { 'hit', entry }
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return { 'mine' }
end
return { 'busy' }
