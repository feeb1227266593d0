-- The phases of a run: planning, joining and archiving, each a job with a lease of its own.

local function set_status(run, status)
  call('HSET', run.meta, 'status', status)
  call('HSETNX', run.meta, 't:' .. status, now)
end

local PHASE_QUEUE = { plan = 'plan', join = 'plan', persist = 'result' }

local function schedule(run, phase, delay)
  local delivery = call('HINCRBY', run.meta, 'phase_delivery', 1)
  call('HSET', run.meta, 'phase', phase)
  call('ZADD', DUE, now + delay + grace_ms, member(run, '@' .. phase))
  push_job(run, '@' .. phase, delivery, PHASE_QUEUE[phase], delay)
end

-- A holder whose reply was lost sends its write again, with the same number: it is done once. The highest number would
-- not tell: a script that Redis asked for anew, or that a Cluster sent to another node, is done after later ones.
local function is_written(run, write)
  return call('SISMEMBER', run.base .. 'written', write) == 1
end

local function note_written(run, write)
  call('SADD', run.base .. 'written', write)
end

-- Ends the current phase: whoever holds it finds its epoch stale.
local function leave_phase(run)
  local phase = call('HGET', run.meta, 'phase')
  call('HINCRBY', run.meta, 'epoch', 1)
  call('HSET', run.meta, 'phase', '')
  call('DEL', run.base .. 'written')
  if phase and phase ~= '' then
    call('ZREM', LEASES, member(run, '@' .. phase))
    call('ZREM', DUE, member(run, '@' .. phase))
  end
end

-- When the last step has settled: the sealed plan is joined, the crashed attempt is planned anew.
local function maybe_join(run)
  if run.open and run.open > 0 then return end
  local v = call('HMGET', run.meta, 'open_steps', 'sealed', 'phase', 'restart')
  if tonumber(v[1]) > 0 or v[3] ~= '' then return end
  if v[4] == '1' then
    call('HSET', run.meta, 'restart', '', 'phase_reason', 'restart')
    schedule(run, 'plan', 0)
  elseif v[2] == '1' then
    set_status(run, 'joining')
    schedule(run, 'join', 0)
  end
end

-- No more steps in this attempt.
local function seal_plan(run, intent, sealed, refused, strategy, info, found, context_plan)
  leave_phase(run)
  call('HSET', run.meta, 'sealed', '1', 'intent', intent, 'refused', refused, 'phase_tries', 0)
  if info ~= '' then call('HSETNX', run.meta, 'plan', info) end
  if strategy ~= '' then call('HSET', run.meta, 'strategy', strategy) end
  if found ~= '' then call('HSET', run.meta, 'found', found) end
  if context_plan ~= '' then call('HSET', run.meta, 'context_plan', context_plan) end
  append(run, 'plan.sealed', sealed)
  set_status(run, 'executing')
  maybe_join(run)
end

local function end_run(run, outcome, reason)
  abort_open(run, reason, nil, true)
  leave_phase(run)
  call('HSET', run.meta, 'outcome', outcome, 'ended_at', now)
  call('ZREM', DEADLINES, run.ref)
  schedule(run, 'persist', 0)
end

-- Nothing of the run goes on: its keys may expire.
local function expire_keys(run, ttl_ms)
  call('ZREM', OPEN, run.ref)
  for _, id in ipairs(call('LRANGE', run.ids, 0, -1)) do
    call('PEXPIRE', step_key(run, id), ttl_ms)
  end
  for _, key in ipairs({ run.meta, run.ids, run.events, run.base .. 'calls', run.base .. 'parked' }) do
    call('PEXPIRE', key, ttl_ms)
  end
end

-- The run lives on as another, or elsewhere.
local function end_life(run, ttl_ms)
  abort_open(run, 'superseded', nil, true)
  leave_phase(run)
  call('ZREM', DEADLINES, run.ref)
  expire_keys(run, ttl_ms)
  call('PUBLISH', prefix .. 'cancelled', run.ref)
end

-- A planner that died in the middle of its plan: what it had not begun is void, what runs is awaited.
local function restart_phase(run, phase, delay)
  leave_phase(run)
  if phase ~= 'plan' then return schedule(run, phase, delay) end
  abort_open(run, 'superseded', call('HGET', run.meta, 'attempt'), false)
  if tonumber(call('HGET', run.meta, 'open_steps')) > 0 then
    call('HSET', run.meta, 'restart', '1')
  else
    call('HSET', run.meta, 'phase_reason', 'restart')
    schedule(run, 'plan', delay)
  end
end

-- True while this holder may write about the phase.
local function holds_phase(run, epoch, phase)
  local v = call('HMGET', run.meta, 'epoch', 'phase')
  if v[2] ~= phase then return false end
  if v[1] ~= epoch then return false end -- guard:epoch
  return true
end
