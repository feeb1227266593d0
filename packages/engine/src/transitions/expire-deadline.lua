-- A run past its deadline concludes with what it has.
local run = run_at(ARGV[3])
local ends = call('ZSCORE', DEADLINES, run.ref)
if not ends or tonumber(ends) > now then return reply('expired', { '0' }) end
local v = call('HMGET', run.meta, 'status', 'outcome')
local open = v[1] and not v[2]
if open then
  abort_open(run, 'deadline', nil, true)
  leave_phase(run)
  call('HSET', run.meta, 'conclude', 'deadline', 'sealed', '1', 'restart', '')
  maybe_join(run)
  call('PUBLISH', prefix .. 'cancelled', run.ref)
end
call('ZREM', DEADLINES, run.ref)
return reply('expired', { open and '1' or '0' })
