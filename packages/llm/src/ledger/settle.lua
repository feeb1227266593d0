-- Replaces what was reserved by what was used. A reservation whose lease ran out stays charged at its estimate.
-- KEYS: as in reserve.lua. ARGV: id, then for each account: kind, reserved amount, used amount, period in ms, window.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local FIELDS = 5
for index = 1, #KEYS / 2 do
  local at = 1 + (index - 1) * FIELDS
  local book, leases = KEYS[index * 2 - 1], KEYS[index * 2]
  local kind, reserved, used = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if kind == 'rate' then
    local field = ({ [0] = 'count', [1] = 'last' })[tonumber(redis.call('HGET', book, 'window') or -1) - tonumber(ARGV[at + 5])]
    if field then
      local count = tonumber(redis.call('HGET', book, field) or 0) + tonumber(used) - tonumber(reserved)
      redis.call('HSET', book, field, string.format('%.0f', math.max(0, count)))
    end
  elseif redis.call('ZREM', leases, ARGV[1] .. ' ' .. reserved) == 1 then
    -- -0 is no integer to Redis.
    if reserved ~= '0' then redis.call('HINCRBY', book, 'reserved', '-' .. reserved) end
    if kind == 'stock' then redis.call('HINCRBY', book, 'spent', used) end
  end
end
return 1
