local run = run_at(ARGV[3])
local id, delivery, worker = ARGV[4], ARGV[5], ARGV[6]

local v = call('HMGET', step_key(run, id), 'status', 'delivery')
if v[2] ~= delivery then return reply('stale') end
if v[1] == 'running' then
  -- BullMQ hands a job out again when its worker stalled. Only an expired lease says that the worker is gone.
  local lease = call('ZSCORE', LEASES, member(run, id))
  if lease and tonumber(lease) > now then return reply('held') end -- guard:lease
  recover_step(run, id)
  return reply('stale')
end
if v[1] ~= 'queued' then return reply('stale') end
return reply('begun', begin(run, id, worker))
