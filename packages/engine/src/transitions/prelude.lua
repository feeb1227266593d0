-- What every transition shares. A script is this file and its own, so each transition is one atomic write:
-- the state, its events and the due records of whatever it released change together or not at all.
--
--   step:  pending -> queued -> running -> completed | failed | skipped | aborted
--                       ^          |
--                       |          +-> queued              (retry, fallback, crash, hand-back)
--                       +-- awaiting_approval <-+          (bound, frozen, its slots given back)
--
--   run:   accepted -> planning -> executing -> joining -> completed | partial | failed | cancelled
--                        ^                        |
--                        +------- replan ---------+
--
-- A run's phase says which job it waits for: plan, join or persist; none while its steps decide what comes next.
--
-- KEYS[1] is the partition's prefix, such as py:{p0}: ; every key below has its hash tag.
local prefix = KEYS[1]
local lease_ms, grace_ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local call = redis.call
-- At maxmemory Redis refuses what may grow and lets ZREM or DEL through: half a transition. This may grow, and does
-- nothing: where it is refused, nothing was written yet.
call('SETRANGE', prefix, 0, '')
-- One clock for leases, deadlines and events: that of Redis, whatever the clocks of the workers say.
local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local DUE, LEASES = prefix .. 'due', prefix .. 'leases'
local DEADLINES, APPROVALS = prefix .. 'deadlines', prefix .. 'approvals'
local OPEN, SLOTS = prefix .. 'open', prefix .. 'slots'

local jobs = {} -- what the caller must enqueue; each has its due record already
local begun = {} -- what the caller holds the leases of now
local appended = {} -- of each run: the time, then its events
local runs = {}

-- One table for each run that a script touches, so that what it counts is counted once.
local function run_at(ref)
  local run = runs[ref]
  if not run then
    local base = prefix .. 'r:' .. ref .. ':'
    run = { ref = ref, base = base, meta = base .. 'meta', ids = base .. 'ids', events = base .. 'events', spare = 0 }
    runs[ref] = run
  end
  return run
end

local function step_key(run, id)
  return run.base .. 's:' .. id
end

local function member(run, what)
  return run.ref .. '|' .. what
end

-- What scripts need of a run's hash, read once.
local function info(run)
  if not run.info then
    local v = call('HMGET', run.meta, 'priority', 'request_id', 'tenant', 'cap_run', 'cap_tenant', 'seq', 'ctx', 'trace')
    run.info = { priority = v[1], request_id = v[2], tenant = v[3], cap_run = tonumber(v[4]), cap_tenant = tonumber(v[5]), ctx = v[7], trace = v[8] }
    run.seq = tonumber(v[6])
  end
  return run.info
end

-- Events are numbered here and written once, by `reply`.
local function append(run, kind, data)
  local traced = info(run).trace == '1' or not (string.find(kind, '^step%.') or string.find(kind, '^plan%.'))
  if not traced then return end
  run.seq = run.seq + 1
  local lines = appended[run]
  if lines then
    lines[#lines + 1] = kind .. ' ' .. data
  else
    appended[run] = { tostring(now), kind .. ' ' .. data }
  end
end

local function push_job(run, what, delivery, queue, delay)
  jobs[#jobs + 1] = { run = run, what = what, delivery = delivery, queue = queue, delay = delay }
end

local function job_name(ref, what, delivery)
  return string.gsub(ref, ':', '.') .. '.' .. what .. '.' .. delivery
end

-- Steps released together share jobs, a few in each: fewer trips through BullMQ, and still work for every worker.
-- A step of a shared job keeps its name, so that the reconciler can see whether the job is there.
local function pack_jobs()
  local packed, groups = {}, {}
  local function add(job, list)
    local i, parts = info(job.run), {}
    for n, each in ipairs(list) do
      parts[n] = each.what .. ':' .. each.delivery
      if #list > 1 then
        call('HSET', step_key(job.run, each.what), 'job', job_name(job.run.ref, job.what, job.delivery))
      end
    end
    packed[#packed + 1] =
      { job.run.ref, table.concat(parts, ' '), job.queue, tostring(job.delay), i.priority, i.request_id }
  end
  for _, job in ipairs(jobs) do
    if job.delay > 0 or string.sub(job.what, 1, 1) == '@' then
      add(job, { job })
    else
      local key = job.run.ref .. job.queue
      groups[key] = groups[key] or {}
      table.insert(groups[key], job)
    end
  end
  for _, group in pairs(groups) do
    local size = math.min(8, math.ceil(#group / 4))
    for first = 1, #group, size do
      add(group[first], { unpack(group, first, math.min(first + size - 1, #group)) })
    end
  end
  return packed
end

local give_back_slots -- below

-- Every script ends here: its events of a run become one entry, named for the last one's number, followers are woken
-- once, and the caller gets what to enqueue and what it has begun.
local function reply(status, extra)
  give_back_slots()
  for run, lines in pairs(appended) do
    call('XADD', run.events, run.seq .. '-0', 'e', table.concat(lines, '\n'))
    call('HSET', run.meta, 'seq', run.seq)
    call('PUBLISH', run.events, run.seq)
  end
  return { status, pack_jobs(), extra or {}, begun }
end

local function set_status(run, status)
  call('HSET', run.meta, 'status', status)
  call('HSETNX', run.meta, 't:' .. status, now)
end

-- Slots -------------------------------------------------------------------------------------------------------------
-- A released step holds a slot of its run, of its tenant and, where the tool is capped, of its tool. Where one is
-- full the step is parked there, still pending, and the next slot to be freed there lets it try again.
-- What a script frees of a run is spare until its end: a step that the same script releases takes it over uncounted.

local function run_slots(run)
  local i = info(run)
  return {
    { key = run.meta, field = 'in_flight', cap = i.cap_run, parked = run.base .. 'parked' },
    { key = SLOTS, field = 'tenant:' .. i.tenant, cap = i.cap_tenant, parked = prefix .. 'parked:tenant:' .. i.tenant },
  }
end

local function tool_slot(tool, cap)
  return { key = SLOTS, field = 'tool:' .. tool, cap = tonumber(cap), parked = prefix .. 'parked:tool:' .. tool }
end

local function is_capped(cap)
  return cap and cap ~= ''
end

local function take_slots(run, id, tool, cap)
  local list = run.spare > 0 and {} or run_slots(run)
  if is_capped(cap) then list[#list + 1] = tool_slot(tool, cap) end
  for n, semaphore in ipairs(list) do
    if call('HINCRBY', semaphore.key, semaphore.field, 1) > semaphore.cap then
      for taken = 1, n do
        call('HINCRBY', list[taken].key, list[taken].field, -1)
      end
      call('ZADD', semaphore.parked, tonumber(info(run).priority) * 1e13 + now, member(run, id))
      call('HSET', step_key(run, id), 'parked', semaphore.parked)
      return false
    end
  end
  if run.spare > 0 then run.spare = run.spare - 1 end
  return true
end

local release -- below

local function give_back(semaphore)
  local used = call('HINCRBY', semaphore.key, semaphore.field, -1)
  while used < semaphore.cap do
    local popped = call('ZPOPMIN', semaphore.parked)
    if #popped == 0 then return end
    local ref, id = string.match(popped[1], '^([^|]+)|(.+)$')
    local owner = run_at(ref)
    call('HDEL', step_key(owner, id), 'parked')
    release(owner, id)
    used = tonumber(call('HGET', semaphore.key, semaphore.field) or '0')
  end
end

local function free_slots(run, tool, cap)
  run.spare = run.spare + 1
  if is_capped(cap) then give_back(tool_slot(tool, cap)) end
end

-- Releasing what was parked may touch further runs; a pass over all of them ends when none has a spare slot left.
function give_back_slots()
  local again = true
  while again do
    again = false
    local with_spare = {}
    for _, run in pairs(runs) do
      if run.spare > 0 then with_spare[#with_spare + 1] = run end
    end
    for _, run in ipairs(with_spare) do
      again = true
      run.spare = run.spare - 1
      for _, semaphore in ipairs(run_slots(run)) do
        give_back(semaphore)
      end
    end
  end
end

-- Steps -------------------------------------------------------------------------------------------------------------

-- What releasing and beginning need of a step's hash, read once.
local STEP_FIELDS = { 'status', 'queue', 'try', 'tool', 'cap', 'epoch', 'def', 'fallback_used', 'frozen_args', 'deps', 'crashes' }

local function read_step(run, id)
  local v = call('HMGET', step_key(run, id), unpack(STEP_FIELDS))
  local step = {}
  for n, field in ipairs(STEP_FIELDS) do
    step[field] = v[n]
  end
  return step
end

local function append_queued(run, id, try, delay)
  append(run, 'step.queued', '{"step":"' .. id .. '","try":' .. try .. ',"delay_ms":' .. delay .. '}')
end

local function enqueue(run, id, step, delay)
  local s = step_key(run, id)
  local delivery = call('HINCRBY', s, 'delivery', 1)
  call('HSET', s, 'status', 'queued', 'queued_at', now, 'job', '')
  call('ZADD', DUE, now + delay + grace_ms, member(run, id))
  append_queued(run, id, step.try, delay)
  push_job(run, id, delivery, step.queue, delay)
end

local function requeue(run, id, delay)
  enqueue(run, id, read_step(run, id), delay)
end

-- Gives the step to a worker; what it needs to run comes in one reply.
local function begin(run, id, step, worker, queued_at)
  local epoch = tonumber(step.epoch or '0') + 1
  call('HSET', step_key(run, id), 'status', 'running', 'queued_at', queued_at, 'started_at', now, 'epoch', epoch)
  call('ZADD', LEASES, now + lease_ms, member(run, id))
  append(run, 'step.started', '{"step":"' .. id .. '","try":' .. step.try .. ',"worker":"' .. worker .. '"}')
  local fields = {
    run.ref, id, tostring(epoch), step.try, step.def, step.fallback_used or '', step.frozen_args or '',
    info(run).ctx, tostring(now - queued_at), step.crashes or '0',
  }
  for dep in string.gmatch(step.deps, '%S+') do
    local d = call('HMGET', step_key(run, dep), 'status', 'result')
    fields[#fields + 1] = dep
    fields[#fields + 1] = d[1] == 'completed' and d[2] or ''
  end
  begun[#begun + 1] = fields
end

-- A worker that has just settled a step of the run takes what that released, where it serves the queue and has a
-- place: no trip through BullMQ, and the lease tells should it die.
local taker = { run = nil, places = 0, queues = '', worker = '' }

-- Lets a pending step go that waits for nothing any more.
function release(run, id)
  local step = read_step(run, id)
  if step.status ~= 'pending' then return end
  if not take_slots(run, id, step.tool, step.cap) then return end
  if taker.run == run and taker.places > 0 and string.find(taker.queues, ' ' .. step.queue .. ' ', 1, true) then
    taker.places = taker.places - 1
    append_queued(run, id, step.try, 0)
    begin(run, id, step, taker.worker, now)
  else
    enqueue(run, id, step, 0)
  end
end

local function pause_clock(run)
  if call('HINCRBY', run.meta, 'awaiting', 1) == 1 then
    call('HSET', run.meta, 'paused_at', now)
    call('ZREM', DEADLINES, run.ref)
  end
end

local function resume_clock(run)
  if call('HINCRBY', run.meta, 'awaiting', -1) > 0 then return end
  local v = call('HMGET', run.meta, 'deadline', 'paused_at')
  if v[1] and v[1] ~= '' then
    local deadline = tonumber(v[1]) + now - tonumber(v[2])
    call('HSET', run.meta, 'deadline', deadline)
    call('ZADD', DEADLINES, deadline, run.ref)
  end
end

-- What closing needs of a step's hash, read once.
local function read_open(run, id)
  local v = call('HMGET', step_key(run, id), 'status', 'epoch', 'tool', 'cap', 'parked', 'policy', 'dependents')
  return { status = v[1], epoch = v[2], tool = v[3], cap = v[4], parked = v[5], policy = v[6], dependents = v[7] or '' }
end

-- Takes an unsettled step, as `read_open` gave it, out of whatever holds it and gives it a terminal status, with
-- further fields (name, value, …) in the same write. Its dependents come next.
local function close_step(run, id, step, status, reason, ...)
  local was = step.status
  if was == 'running' then
    call('ZREM', LEASES, member(run, id))
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

-- 'after' (a) is satisfied by a step that its condition skipped; a data reference (d) is not.
local function satisfies(outcome, kind)
  return outcome == 'ok' or (outcome == 'condition' and kind == 'a')
end

local function skip_step(run, id, step, reason)
  close_step(run, id, step, 'skipped', reason)
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

local UNSETTLED = { pending = true, queued = true, running = true, awaiting_approval = true }

-- Aborts what is unsettled: of one attempt where it is given, what already runs only where `running` says so.
local function abort_open(run, reason, attempt, running)
  if call('HGET', run.meta, 'open_steps') == '0' then return end
  for _, id in ipairs(call('LRANGE', run.ids, 0, -1)) do
    local step = read_open(run, id)
    local wanted = UNSETTLED[step.status] and (running or step.status ~= 'running')
    if wanted and (not attempt or string.match(id, '^%d+') == attempt) then
      close_step(run, id, step, 'aborted', reason)
      append(run, 'step.aborted', '{"step":"' .. id .. '","reason":"' .. reason .. '"}')
    end
  end
end

-- Phases ------------------------------------------------------------------------------------------------------------

local PHASE_QUEUE = { plan = 'plan', join = 'plan', persist = 'result' }

local function schedule(run, phase, delay)
  local delivery = call('HINCRBY', run.meta, 'phase_delivery', 1)
  call('HSET', run.meta, 'phase', phase)
  call('ZADD', DUE, now + delay + grace_ms, member(run, '@' .. phase))
  push_job(run, '@' .. phase, delivery, PHASE_QUEUE[phase], delay)
end

-- Ends the current phase: whoever holds it finds its epoch stale.
local function leave_phase(run)
  local phase = call('HGET', run.meta, 'phase')
  call('HINCRBY', run.meta, 'epoch', 1)
  call('HSET', run.meta, 'phase', '')
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

local function end_run(run, outcome, reason)
  abort_open(run, reason, nil, true)
  leave_phase(run)
  call('HSET', run.meta, 'outcome', outcome)
  call('ZREM', DEADLINES, run.ref)
  schedule(run, 'persist', 0)
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

-- Settling ----------------------------------------------------------------------------------------------------------

local function fail_step(run, id, step, error, ...)
  close_step(run, id, step, 'failed', '', 'error', error, ...)
  if step.policy == 'fail_fast' then
    abort_open(run, 'fail_fast', string.match(id, '^%d+'), true)
  else
    propagate(run, step, outcome_of('failed', '', step.policy))
  end
end

-- A worker died while it ran this step. Twice may be bad company: then it runs alone, and only a crash there tells.
local function recover_step(run, id)
  local s = step_key(run, id)
  call('ZREM', LEASES, member(run, id))
  local step = read_open(run, id)
  if step.status ~= 'running' then return false end
  local crashes = call('HINCRBY', s, 'crashes', 1)
  if crashes >= 2 then call('HSET', s, 'queue', 'tool-solo') end
  if crashes >= 6 then
    local error = '{"code":"step_poisoned","message":"Six workers died while they ran this step","retryable":false}'
    append(run, 'step.failed', '{"step":"' .. id .. '","tool":"' .. step.tool .. '","error":' .. error .. ',"will":"end"}')
    fail_step(run, id, step, error)
    maybe_join(run)
  else
    requeue(run, id, 0)
  end
  return true
end
