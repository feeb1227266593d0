-- The one lease on probing a breaker; refused while the breaker rests. KEYS: lease, openings. ARGV: breaker, owner, ms.
local opening = redis.call('HGET', KEYS[2], ARGV[1])
if opening then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if tonumber(string.match(opening, ' (%d+)$')) > now then
    return 0
  end
end
if redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3]) then
  return 1
end
return 0
