-- Open breakers: name, id of the opening, ms left of its rest; below 0 it is to be probed. KEYS: openings.
-- One that nobody probed for an hour is forgotten: nobody asks that model any more.
local FORGET_MS = 3600000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
local found = {}
for at = 1, #all, 2 do
  local opening, rests_until = string.match(all[at + 1], '^(%S+) (%d+)$')
  local left = tonumber(rests_until) - now
  if left < -FORGET_MS then
    redis.call('HDEL', KEYS[1], all[at])
  else
    found[#found + 1] = all[at]
    found[#found + 1] = opening
    found[#found + 1] = string.format('%.0f', left)
  end
end
return found
