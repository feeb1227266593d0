local run = run_at(ARGV[3])
local epoch = ARGV[4]

if not holds_phase(run, epoch, 'plan') then return reply('stale') end
seal_plan(run, unpack(ARGV, 5, 11))
return reply('sealed')
