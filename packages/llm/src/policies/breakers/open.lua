-- A breaker has opened. KEYS: openings, which is the channel's name too. ARGV: breaker, id of the opening, ms it rests.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', now + tonumber(ARGV[3])))
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
