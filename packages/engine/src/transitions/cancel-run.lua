local run = run_at(ARGV[3])
local outcome = ARGV[4]

local v = call('HMGET', run.meta, 'status', 'outcome')
if not v[1] or v[2] then return reply('closed') end
end_run(run, outcome, 'cancelled')
call('PUBLISH', prefix .. 'cancelled', run.ref)
return reply('cancelled')
