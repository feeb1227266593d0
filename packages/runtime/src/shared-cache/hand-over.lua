-- Gives a claim up, and hands the result to those who wait for it and to nobody else: who comes later makes it anew.
-- A result of '' tells them that it cannot be shared.
local function hand_over(lock, owner, result, lease_ms, prefix)
  if redis.call('GET', lock) ~= owner then return end
  redis.call('DEL', lock)
  if redis.call('EXISTS', prefix .. 'waiting:' .. owner) == 0 then return end
  redis.call('SET', prefix .. 'handed:' .. owner, result, 'PX', lease_ms)
  redis.call('PEXPIRE', prefix .. 'waiting:' .. owner, lease_ms)
end
