local run = run_at(ARGV[3])
local id, epoch, kind, event, queues, worker, places = unpack(ARGV, 4, 10)
local s = step_key(run, id)

local step = read_open(run, id)
if step.status ~= 'running' then return reply('stale') end
if step.epoch ~= epoch then return reply('stale') end -- guard:epoch
taker = { run = run, places = tonumber(places), queues = queues, worker = worker }

if kind == 'completed' then
  local result, bound_args, call_hash, cached, cost, usage, bytes, run_limit = unpack(ARGV, 11, 18)
  if call('HINCRBY', run.meta, 'bytes', bytes) > tonumber(run_limit) then
    call('HINCRBY', run.meta, 'bytes', -bytes)
    return reply('run_too_large')
  end
  if call_hash ~= '' then call('HSETNX', run.base .. 'calls', call_hash, id) end
  if tonumber(cost) > 0 then call('HINCRBYFLOAT', run.meta, 'cost_usd', cost) end
  append(run, 'step.completed', event)
  close_step(run, id, step, 'completed', '',
    'result', result, 'bound_args', bound_args, 'cached', cached, 'cost_usd', cost, 'usage', usage)
  propagate(run, step, 'ok')
elseif kind == 'skipped' then
  skip_step(run, id, step, 'condition')
  propagate(run, step, 'condition')
elseif kind == 'failed' then
  append(run, 'step.failed', event)
  fail_step(run, id, step, ARGV[11], 'bound_args', ARGV[12])
elseif kind == 'retry' then
  call('HSET', s, 'error', ARGV[11])
  call('HINCRBY', s, 'try', 1)
  call('HINCRBY', s, 'retries', 1)
  call('ZREM', LEASES, member(run, id))
  append(run, 'step.failed', event)
  requeue(run, id, tonumber(ARGV[12]))
elseif kind == 'fallback' then
  append(run, 'step.failed', event)
  call('ZREM', LEASES, member(run, id))
  call('HSET', s, 'status', 'pending', 'error', ARGV[11], 'fallback_used', '1', 'try', 1,
    'tool', ARGV[12], 'queue', ARGV[13], 'cap', ARGV[14])
  free_slots(run, step.tool, step.cap)
  release(run, id)
elseif kind == 'awaiting_approval' then
  call('ZREM', LEASES, member(run, id))
  call('HSET', s, 'status', 'awaiting_approval', 'frozen_args', ARGV[11], 'bound_args', ARGV[11])
  call('ZADD', APPROVALS, now + tonumber(ARGV[12]), member(run, id))
  append(run, 'step.awaiting_approval', event)
  pause_clock(run)
  free_slots(run, step.tool, step.cap)
elseif kind == 'handed_back' then
  call('ZREM', LEASES, member(run, id))
  requeue(run, id, 0)
end
maybe_join(run)
return reply('settled')
