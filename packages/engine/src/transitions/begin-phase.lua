local run = run_at(ARGV[3])
local phase, delivery, holder, attempts_limit = ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])

local v = call('HMGET', run.meta, 'phase', 'phase_delivery', 'phase_reason', 'attempt', 'attempts_before', 'holder', 'epoch')
if v[1] ~= phase or v[2] ~= delivery then return reply('stale') end
if call('ZSCORE', LEASES, member(run, '@' .. phase)) then
  -- Sent again after a reply that was lost.
  if v[6] == holder then return reply('begun', { v[7], v[3] }) end
  return reply('held')
end

if phase == 'plan' then
  if tonumber(v[4]) - tonumber(v[5]) >= attempts_limit then
    leave_phase(run)
    call('HSET', run.meta, 'conclude', 'attempts', 'sealed', '1')
    maybe_join(run)
    return reply('stale')
  end
  call('HINCRBY', run.meta, 'attempt', 1)
  call('HSET', run.meta, 'sealed', '', 'attempt_steps', 0)
  set_status(run, 'planning')
end
local epoch = call('HINCRBY', run.meta, 'epoch', 1)
call('HSET', run.meta, 'holder', holder)
call('ZREM', DUE, member(run, '@' .. phase))
call('ZADD', LEASES, now + lease_ms, member(run, '@' .. phase))
return reply('begun', { tostring(epoch), v[3] })
