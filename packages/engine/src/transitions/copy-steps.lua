-- Steps that ended in another run enter the graph as they ended there. One that is there already stays: a planner that
-- died in between does it again. ARGV from 6 on, of each: what is read here as JSON, then texts that are not.
local run = run_at(ARGV[3])
local epoch, run_limit = ARGV[4], tonumber(ARGV[5])
local FIELDS = 6

if not holds_phase(run, epoch, 'plan') then return reply('stale') end
local fresh, bytes = {}, 0
for at = 6, #ARGV, FIELDS do
  local step = cjson.decode(ARGV[at])
  if call('EXISTS', step_key(run, step.id)) == 0 then
    fresh[#fresh + 1] = { step, at }
    bytes = bytes + step.bytes
  end
end
if tonumber(call('HGET', run.meta, 'bytes') or '0') + bytes > run_limit then return reply('run_too_large') end

call('HINCRBY', run.meta, 'bytes', bytes)
for _, each in ipairs(fresh) do
  local step, at = each[1], each[2]
  local result, bound_args, error, asked, decision = unpack(ARGV, at + 1, at + FIELDS - 1)
  call('RPUSH', run.ids, step.id)
  -- What depends on it begins at the first level: it waits for nothing here.
  call('HSET', step_key(run, step.id), 'status', step.status, 'reason', step.reason, 'def', step.def, 'tool', step.tool,
    'queue', step.queue, 'cap', '', 'policy', step.policy, 'deps', '', 'waiting_for', 0, 'depth', 1, 'try', 1,
    'fallback_used', step.fallback_used, 'cached', step.status == 'completed' and '1' or '', 'ended_at', now,
    'result', result, 'bound_args', bound_args, 'error', error, 'asked', asked, 'decision', decision,
    'decided_at', step.decided_at, 'call_hash', step.call_hash, 'copied_from', step.copied_from)
  if step.call_hash ~= '' then call('HSETNX', run.base .. 'calls', step.call_hash, step.id) end
  append(run, 'step.added', step.added)
  append(run, step.end_type, step.end_data)
end
return reply('copied')
