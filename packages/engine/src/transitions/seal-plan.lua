local run = run_at(ARGV[3])
local epoch, intent, sealed, refused, strategy, info = unpack(ARGV, 4, 9)

if not holds_phase(run, epoch, 'plan') then return reply('stale') end
leave_phase(run)
call('HSET', run.meta, 'sealed', '1', 'intent', intent, 'refused', refused, 'phase_tries', 0)
if info ~= '' then call('HSETNX', run.meta, 'plan', info) end
if strategy ~= '' then call('HSET', run.meta, 'strategy', strategy) end
append(run, 'plan.sealed', sealed)
set_status(run, 'executing')
maybe_join(run)
return reply('sealed')
