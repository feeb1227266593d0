local run = run_at(ARGV[3])
local outcome, canceller = ARGV[4], ARGV[5]

local v = call('HMGET', run.meta, 'status', 'outcome', 'canceller')
-- Sent again after a reply that was lost.
if v[3] == canceller then return reply('cancelled') end
if not v[1] or v[2] then return reply('closed') end
end_run(run, outcome, 'cancelled')
call('HSET', run.meta, 'canceller', canceller)
call('PUBLISH', prefix .. 'cancelled', run.ref)
return reply('cancelled')
