-- The archive holds the run: only now is its end announced, and only now may its keys expire.
local run = run_at(ARGV[3])
local epoch, status, event, ttl_ms, run_id = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]

if not holds_phase(run, epoch, 'persist') then return reply('stale') end
leave_phase(run)
-- At the time that the archive says: who has seen the end here is not told it again there.
now = tonumber(call('HGET', run.meta, 'ended_at') or now)
set_status(run, status)
append(run, 'run.' .. status, event)
expire_keys(run, ttl_ms)
call('PEXPIRE', prefix .. 'run:' .. run_id, ttl_ms)
return reply('announced')
