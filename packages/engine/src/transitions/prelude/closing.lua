-- Steps that end, and what their end means to those that depend on them.

local function pause_clock(run)
  if call('HINCRBY', run.meta, 'awaiting', 1) == 1 then
    call('HSET', run.meta, 'paused_at', now)
    call('ZREM', DEADLINES, run.ref)
  end
end

local function resume_clock(run)
  if call('HINCRBY', run.meta, 'awaiting', -1) > 0 then return end
  local v = call('HMGET', run.meta, 'deadline', 'paused_at')
  local paused = now - tonumber(v[2])
  call('HINCRBY', run.meta, 'paused_ms', paused)
  call('HDEL', run.meta, 'paused_at')
  if v[1] and v[1] ~= '' then
    local deadline = tonumber(v[1]) + paused
    call('HSET', run.meta, 'deadline', deadline)
    call('ZADD', DEADLINES, deadline, run.ref)
  end
end

-- What a person decided about a step that asked, or that nobody did in time.
local function note_decision(run, id, record)
  call('HSET', step_key(run, id), 'decision', record, 'decided_at', now)
end

-- What closing needs of a step's hash, read once.
local function read_open(run, id)
  local v = call('HMGET', step_key(run, id), 'status', 'epoch', 'tool', 'cap', 'parked', 'policy', 'dependents', 'reserved')
  return {
    status = v[1], epoch = v[2], tool = v[3], cap = v[4], parked = v[5], policy = v[6], dependents = v[7] or '',
    reserved = v[8],
  }
end

-- A call has changed something, or may have: what was read before may be no longer so.
local function note_written_outside(run)
  call('HSET', run.base .. 'calls', 'wrote', now)
end

-- Takes an unsettled step, as `read_open` gave it, out of whatever holds it and gives it a terminal status, with
-- further fields (name, value, …) in the same write. Its dependents come next.
local function close_step(run, id, step, status, reason, ...)
  local was = step.status
  if was == 'running' then
    call('ZREM', LEASES, member(run, id))
    -- Nobody says any more what it was doing.
    if status == 'aborted' then note_written_outside(run) end
  elseif was == 'queued' then
    call('ZREM', DUE, member(run, id))
  elseif was == 'awaiting_approval' then
    call('ZREM', APPROVALS, member(run, id))
    resume_clock(run)
  elseif step.parked then
    call('ZREM', step.parked, member(run, id))
  end
  call('HSET', step_key(run, id), 'status', status, 'reason', reason, 'ended_at', now, ...)
  run.open = call('HINCRBY', run.meta, 'open_steps', -1)
  if was == 'running' or was == 'queued' then free_slots(run, step.tool, step.cap) end
end

-- What a settled step means to those that depend on it.
local function outcome_of(status, reason, policy)
  if status == 'completed' then return 'ok' end
  if status == 'failed' then return policy == 'skip' and 'ok' or 'failed' end
  if status == 'skipped' and reason == 'condition' then return 'condition' end
  if status == 'aborted' or reason == 'dependency_aborted' then return 'aborted' end
  return 'failed'
end

local SKIP_REASON = { condition = 'condition', failed = 'dependency_failed', aborted = 'dependency_aborted' }

-- 'after' (a) and an optional reference (o) are satisfied by a step that its condition skipped; a data reference (d) is not.
local function satisfies(outcome, kind)
  return outcome == 'ok' or (outcome == 'condition' and kind ~= 'd')
end

local function skip_step(run, id, step, reason, ...)
  close_step(run, id, step, 'skipped', reason, ...)
  append(run, 'step.skipped', '{"step":"' .. id .. '","reason":"' .. reason .. '"}')
end

-- Lets the dependents of a settled step go on, or skips them and theirs.
local function propagate(run, settled, outcome)
  local work = { settled }
  while #work > 0 do
    local edges = table.remove(work).dependents
    for kind, id in string.gmatch(edges, '(%a):(%S+)') do
      if not satisfies(outcome, kind) then
        local step = read_open(run, id)
        if step.status == 'pending' then
          skip_step(run, id, step, SKIP_REASON[outcome])
          work[#work + 1] = step
        end
      elseif call('HINCRBY', step_key(run, id), 'waiting_for', -1) == 0 then
        release(run, id)
      end
    end
  end
end

local function abort_step(run, id, step, reason)
  close_step(run, id, step, 'aborted', reason)
  append(run, 'step.aborted', '{"step":"' .. id .. '","reason":"' .. reason .. '"}')
end

local UNSETTLED = { pending = true, queued = true, running = true, awaiting_approval = true }

-- Aborts what is unsettled: of one attempt where it is given, what already runs only where `running` says so.
local function abort_open(run, reason, attempt, running)
  if call('HGET', run.meta, 'open_steps') == '0' then return end
  local aborted = {}
  for _, id in ipairs(call('LRANGE', run.ids, 0, -1)) do
    local step = read_open(run, id)
    local wanted = UNSETTLED[step.status] and (running or step.status ~= 'running')
    if wanted and (not attempt or string.match(id, '^%d+') == attempt) then
      abort_step(run, id, step, reason)
      aborted[#aborted + 1] = step
    end
  end
  if not attempt then return end
  -- A rerun has steps of several attempts in one graph: those of another wait for these.
  for _, step in ipairs(aborted) do
    propagate(run, step, 'aborted')
  end
end

local function fail_step(run, id, step, error, ...)
  close_step(run, id, step, 'failed', '', 'error', error, ...)
  if step.policy == 'fail_fast' then
    local attempt = string.match(id, '^%d+')
    -- What is still streamed of its plan finds it here.
    call('HSET', run.meta, 'failed_fast', attempt)
    abort_open(run, 'fail_fast', attempt, true)
  end
  propagate(run, step, outcome_of('failed', '', step.policy))
end
