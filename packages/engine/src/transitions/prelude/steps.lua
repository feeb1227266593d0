-- Steps on their way to a worker.

local begun = {} -- what the caller holds the leases of now
local handed_over = {} -- the same, by name

-- What releasing and beginning need of a step's hash, read once.
local function read_step(run, id)
  local v = call('HMGET', step_key(run, id), 'status', 'queue', 'try', 'tool', 'cap', 'epoch', 'def', 'fallback_used',
    'frozen_args', 'deps', 'crashes', 'cost_usd', 'holder', 'queued_at', 'delivery')
  return {
    status = v[1], queue = v[2], try = v[3], tool = v[4], cap = v[5], epoch = v[6], def = v[7], fallback_used = v[8],
    frozen_args = v[9], deps = v[10], crashes = v[11], cost_usd = v[12], holder = v[13], queued_at = v[14], delivery = v[15],
  }
end

local function append_queued(run, id, try, delay)
  append(run, 'step.queued', '{"step":"' .. id .. '","try":' .. try .. ',"delay_ms":' .. delay .. '}')
end

local function enqueue(run, id, step, delay)
  local delivery = tonumber(step.delivery or '0') + 1
  -- Whoever waits before a try is not waiting for a worker.
  call('HSET', step_key(run, id), 'status', 'queued', 'queued_at', now + delay, 'job', '', 'delivery', delivery)
  call('ZADD', DUE, now + delay + grace_ms, member(run, id))
  append_queued(run, id, step.try, delay)
  push_job(run, id, delivery, step.queue, delay)
end

local function requeue(run, id, delay)
  enqueue(run, id, read_step(run, id), delay)
end

-- Empty where there is none. A result that is there stays as it is.
local function result_of(run, id)
  if not run.results[id] then
    local v = call('HMGET', step_key(run, id), 'status', 'result')
    if v[1] ~= 'completed' then return '' end
    run.results[id] = v[2]
  end
  return run.results[id]
end

-- What a begun step needs to run, in one reply.
local function hand_over(run, id, step, epoch, queued_at)
  local fields = {
    run.ref, id, tostring(epoch), step.try, step.def, step.fallback_used or '', step.frozen_args or '',
    info(run).ctx, tostring(now - queued_at), step.crashes or '0', step.cost_usd or '0',
  }
  for dep in string.gmatch(step.deps, '%S+') do
    fields[#fields + 1] = dep
    fields[#fields + 1] = result_of(run, dep)
  end
  begun[#begun + 1] = fields
  handed_over[member(run, id)] = true
end

-- Gives the step to a worker; `holder` names the call that takes it.
local function begin(run, id, step, worker, holder, queued_at)
  local epoch = tonumber(step.epoch or '0') + 1
  call('HSET', step_key(run, id), 'status', 'running', 'queued_at', queued_at, 'started_at', now, 'epoch', epoch,
    'holder', holder)
  call('ZADD', LEASES, now + lease_ms, member(run, id))
  append(run, 'step.started', '{"step":"' .. id .. '","try":' .. step.try .. ',"worker":"' .. worker .. '"}')
  hand_over(run, id, step, epoch, queued_at)
end

-- A call that is sent again, as its reply was lost, hears once more what it holds since it was done.
local function tell_again(run, id, holder)
  if handed_over[member(run, id)] then return true end
  local step = read_step(run, id)
  local lease = tonumber(call('ZSCORE', LEASES, member(run, id)) or '0')
  if step.status ~= 'running' or step.holder ~= holder or lease <= now then return false end
  hand_over(run, id, step, step.epoch, tonumber(step.queued_at))
  return true
end

-- A worker that settles steps takes what that released, where it serves the queue and has a place: no trip through
-- BullMQ, and the lease tells should it die.
local taker = { places = 0, queues = '', worker = '', holder = '' }

-- Lets a pending step go that waits for nothing any more.
function release(run, id)
  local step = read_step(run, id)
  if step.status ~= 'pending' then return end
  if not take_slots(run, id, step.tool, step.cap) then return end
  if taker.places > 0 and string.find(taker.queues, ' ' .. step.queue .. ' ', 1, true) then
    taker.places = taker.places - 1
    append_queued(run, id, step.try, 0)
    begin(run, id, step, taker.worker, taker.holder, now)
  else
    enqueue(run, id, step, 0)
  end
end
