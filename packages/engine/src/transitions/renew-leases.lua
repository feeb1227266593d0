-- ARGV from 3 on: ref, step or @phase, epoch of each lease. Replies with the places of those that are lost.
local lost = {}
for n = 3, #ARGV, 3 do
  local run, what, epoch = run_at(ARGV[n]), ARGV[n + 1], ARGV[n + 2]
  local alive
  if string.sub(what, 1, 1) == '@' then
    alive = holds_phase(run, epoch, string.sub(what, 2))
  else
    local v = call('HMGET', step_key(run, what), 'status', 'epoch')
    alive = v[1] == 'running' and v[2] == epoch
  end
  if alive then
    call('ZADD', LEASES, now + lease_ms, member(run, what))
  else
    lost[#lost + 1] = tostring((n - 3) / 3)
  end
end
return reply('renewed', lost)
