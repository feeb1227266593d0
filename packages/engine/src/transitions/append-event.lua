-- An event of a phase, with fields of the run that change with it (name, value, …).
local run = run_at(ARGV[3])
local epoch, write, phase, kind, event, cost, tokens = unpack(ARGV, 4, 10)

if not holds_phase(run, epoch, phase) then return reply('stale') end
if is_written(run, write) then return reply('appended') end
note_written(run, write)
for n = 11, #ARGV, 2 do
  call('HSET', run.meta, ARGV[n], ARGV[n + 1])
end
if tonumber(cost) > 0 then call('HINCRBYFLOAT', run.meta, 'cost_usd', cost) end
if tonumber(tokens) > 0 then call('HINCRBY', run.meta, 'tokens', tokens) end
append(run, kind, event)
return reply('appended')
