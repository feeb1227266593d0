-- Begins the steps of a job, as many as the worker has places for; the others go back to the queue. ARGV from 7 on:
-- step and delivery of each.
local run = run_at(ARGV[3])
local worker, holder, places = ARGV[4], ARGV[5], tonumber(ARGV[6])

for n = 7, #ARGV, 2 do
  local id, delivery = ARGV[n], ARGV[n + 1]
  local step = read_step(run, id)
  if step.delivery == delivery and step.status == 'queued' then
    if places > 0 then
      places = places - 1
      call('ZREM', DUE, member(run, id))
      begin(run, id, step, worker, holder, tonumber(step.queued_at))
    else
      enqueue(run, id, step, 0)
    end
  elseif step.delivery == delivery and step.status == 'running' and not tell_again(run, id, holder) then
    -- BullMQ hands a job out again when its worker stalled. Only an expired lease says that the worker is gone.
    if tonumber(call('ZSCORE', LEASES, member(run, id)) or '0') <= now then recover_step(run, id) end
  end
end
return reply('begun')
