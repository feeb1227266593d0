local run = run_at(ARGV[3])
local epoch, note = ARGV[4], ARGV[5]

if not holds_phase(run, epoch, 'join') then return reply('stale') end
leave_phase(run)
call('HSET', run.meta, 'sealed', '', 'note', note, 'phase_reason', 'replan', 'phase_tries', 0)
set_status(run, 'planning')
schedule(run, 'plan', 0)
return reply('scheduled')
