-- Keeps reservations from running out. KEYS: the leases of each account. ARGV: lease in ms, id, then each account's amount.
local time = redis.call('TIME')
local ends = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1]))
for index, leases in ipairs(KEYS) do
  redis.call('ZADD', leases, 'XX', ends, ARGV[2] .. ' ' .. ARGV[index + 2])
end
return 1
