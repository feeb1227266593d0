-- Settles steps that ended in one worker at about the same time, each by itself. ARGV from 8 on, of each: how many
-- arguments follow, then run, step, epoch, what it spent (cost, tokens, usage), kind, event and what the kind needs.
local worker, holder, queues, places, run_limit = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
taker = { places = places, queues = queues, worker = worker, holder = holder }

local settle_as = {}

function settle_as.completed(run, id, step, event, result, bound_args, call_hash, cached, bytes, wrote)
  info(run)
  if run.bytes + bytes > run_limit then return 'run_too_large' end
  run.bytes, run.added_bytes = run.bytes + bytes, run.added_bytes + bytes
  if call_hash ~= '' then call('HSETNX', run.base .. 'calls', call_hash, id) end
  if wrote ~= '' then note_written_outside(run) end
  append(run, 'step.completed', event)
  close_step(run, id, step, 'completed', '',
    'result', result, 'bound_args', bound_args, 'cached', cached, 'call_hash', call_hash, 'settler', holder)
  run.results[id] = result
  propagate(run, step, 'ok')
end

function settle_as.skipped(run, id, step)
  skip_step(run, id, step, 'condition', 'settler', holder)
  propagate(run, step, 'condition')
end

-- A later attempt must not make the same call again.
local function note_failed(run, id, error, call_hash)
  if call_hash ~= '' then call('HSETNX', run.base .. 'calls', 'failed:' .. call_hash, id .. ' ' .. error) end
end

function settle_as.failed(run, id, step, event, error, bound_args, call_hash, wrote)
  if wrote ~= '' then note_written_outside(run) end
  note_failed(run, id, error, call_hash)
  append(run, 'step.failed', event)
  fail_step(run, id, step, error, 'bound_args', bound_args, 'settler', holder)
end

function settle_as.retry(run, id, step, event, error, delay)
  local s = step_key(run, id)
  call('HSET', s, 'error', error, 'settler', holder)
  call('HINCRBY', s, 'try', 1)
  call('HINCRBY', s, 'retries', 1)
  call('ZREM', LEASES, member(run, id))
  append(run, 'step.failed', event)
  requeue(run, id, tonumber(delay))
end

function settle_as.fallback(run, id, step, event, error, tool, queue, cap, call_hash, wrote)
  if wrote ~= '' then note_written_outside(run) end
  note_failed(run, id, error, call_hash)
  append(run, 'step.failed', event)
  call('ZREM', LEASES, member(run, id))
  call('HSET', step_key(run, id), 'status', 'pending', 'error', error, 'fallback_used', '1', 'try', 1,
    'tool', tool, 'queue', queue, 'cap', cap, 'settler', holder)
  -- What was approved was the call that failed. Its arguments are none of this one's, and neither is the approval.
  call('HDEL', step_key(run, id), 'frozen_args', 'asked', 'decision', 'decided_at')
  free_slots(run, step.tool, step.cap)
  release(run, id)
end

function settle_as.awaiting_approval(run, id, step, event, args, expires_in_ms, asked)
  call('ZREM', LEASES, member(run, id))
  call('HSET', step_key(run, id), 'status', 'awaiting_approval', 'frozen_args', args, 'bound_args', args, 'asked', asked,
    'settler', holder)
  -- The tool has not been called: a person's time is none of its own.
  call('HDEL', step_key(run, id), 'started_at')
  call('ZADD', APPROVALS, now + tonumber(expires_in_ms), member(run, id))
  append(run, 'step.awaiting_approval', event)
  pause_clock(run)
  free_slots(run, step.tool, step.cap)
end

function settle_as.handed_back(run, id)
  call('HSET', step_key(run, id), 'settler', holder)
  call('ZREM', LEASES, member(run, id))
  requeue(run, id, 0)
end

-- What a begin has spent comes on top of what earlier ones have, in place of what was reserved for it.
local function charge(run, id, step, cost, tokens, usage)
  local s = step_key(run, id)
  local function add(usd)
    call('HINCRBYFLOAT', run.meta, 'cost_usd', usd)
    call('HINCRBYFLOAT', s, 'cost_usd', usd)
  end
  local reserved = string.match(step.reserved or '', '^' .. step.epoch .. ' (.+)$')
  if reserved then add('-' .. reserved) end
  if cost ~= '0' then add(cost) end
  if usage ~= '' then
    call('HINCRBY', run.meta, 'tokens', tokens)
    call('HSET', s, 'usage', (call('HGET', s, 'usage') or '') .. usage .. '\n')
  end
end

-- By another, or by this very call, whose reply was lost: then it hears the same again, with what it took over.
local function settled_before(run, id, step)
  tell_again(run, id, holder)
  for dependent in string.gmatch(step.dependents, ':(%S+)') do
    tell_again(run, dependent, holder)
  end
  return call('HGET', step_key(run, id), 'settler') == holder and 'settled' or 'stale'
end

local function settle(ref, id, epoch, cost, tokens, usage, kind, event, ...)
  local run = run_at(ref)
  local step = read_open(run, id)
  if step.status ~= 'running' then return settled_before(run, id, step) end
  if step.epoch ~= epoch then return settled_before(run, id, step) end -- guard:epoch
  local refused = settle_as[kind](run, id, step, event, ...)
  if refused then return refused end
  charge(run, id, step, cost, tokens, usage)
  maybe_join(run)
  return 'settled'
end

local statuses = {}
local at = 8
while at <= #ARGV do
  local count = tonumber(ARGV[at])
  -- What fails here fails one step, not those that happen to end with it.
  local ok, status = pcall(settle, unpack(ARGV, at + 1, at + count))
  statuses[#statuses + 1] = ok and status or 'error: ' .. (type(status) == 'table' and status.err or tostring(status))
  at = at + count + 1
end
return reply('settled', statuses)
