local run = run_at(ARGV[3])
local epoch, intent, sealed, refused = ARGV[4], ARGV[5], ARGV[6], ARGV[7]

if not holds_phase(run, epoch, 'plan') then return reply('stale') end
leave_phase(run)
call('HSET', run.meta, 'sealed', '1', 'intent', intent, 'refused', refused, 'phase_tries', 0)
append(run, 'plan.sealed', sealed)
set_status(run, 'executing')
maybe_join(run)
return reply('sealed')
