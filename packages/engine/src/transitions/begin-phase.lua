local run = run_at(ARGV[3])
local phase, delivery, attempts_limit = ARGV[4], ARGV[5], tonumber(ARGV[6])

local v = call('HMGET', run.meta, 'phase', 'phase_delivery', 'phase_reason', 'attempt', 'attempts_before')
if v[1] ~= phase or v[2] ~= delivery then return reply('stale') end
if call('ZSCORE', LEASES, member(run, '@' .. phase)) then return reply('held') end

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
call('ZREM', DUE, member(run, '@' .. phase))
call('ZADD', LEASES, now + lease_ms, member(run, '@' .. phase))
return reply('begun', { tostring(epoch), v[3] })
