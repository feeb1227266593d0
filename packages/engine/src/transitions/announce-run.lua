-- The archive holds the run: only now is its end announced, and only now may its keys expire.
local run = run_at(ARGV[3])
local epoch, status, event, ttl_ms, run_id = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]

if not holds_phase(run, epoch, 'persist') then return reply('stale') end
leave_phase(run)
set_status(run, status)
append(run, 'run.' .. status, event)
call('ZREM', OPEN, run.ref)
for _, id in ipairs(call('LRANGE', run.ids, 0, -1)) do
  call('PEXPIRE', step_key(run, id), ttl_ms)
end
for _, key in ipairs({ run.meta, run.ids, run.events, run.base .. 'calls', run.base .. 'parked', prefix .. 'run:' .. run_id }) do
  call('PEXPIRE', key, ttl_ms)
end
return reply('announced')
