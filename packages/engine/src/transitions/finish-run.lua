local run = run_at(ARGV[3])
local epoch, phase, outcome = ARGV[4], ARGV[5], ARGV[6]

if not holds_phase(run, epoch, phase) then return reply('stale') end
end_run(run, outcome, 'run_ended')
return reply('finished')
