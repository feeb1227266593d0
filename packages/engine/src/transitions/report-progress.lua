local run = run_at(ARGV[3])
local v = call('HMGET', step_key(run, ARGV[4]), 'status', 'epoch')
if v[1] ~= 'running' or v[2] ~= ARGV[5] then return reply('stale') end
append(run, 'step.progress', ARGV[6])
return reply('appended')
