-- Begins the steps of a job, as many as the worker has places for; the others go back to the queue. ARGV from 7 on:
-- step and delivery of each.
local run = run_at(ARGV[3])
local worker, holder, places = ARGV[4], ARGV[5], tonumber(ARGV[6])

for n = 7, #ARGV, 2 do
  local id, delivery = ARGV[n], ARGV[n + 1]
  local v = call('HMGET', step_key(run, id), 'status', 'delivery', 'queued_at')
  if v[2] == delivery and v[1] == 'queued' then
    if places > 0 then
      places = places - 1
      call('ZREM', DUE, member(run, id))
      begin(run, id, read_step(run, id), worker, holder, tonumber(v[3]))
    else
      requeue(run, id, 0)
    end
  elseif v[2] == delivery and v[1] == 'running' and not tell_again(run, id, holder) then
    -- BullMQ hands a job out again when its worker stalled. Only an expired lease says that the worker is gone.
    local lease = tonumber(call('ZSCORE', LEASES, member(run, id)) or '0')
    if lease <= now then recover_step(run, id) end
  end
end
return reply('begun')
