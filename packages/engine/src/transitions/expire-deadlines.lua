-- Runs past their deadline conclude with what they have; approvals nobody gave fail their step.
local limit, approval_error = ARGV[3], ARGV[4]
local runs, approvals = 0, 0
for _, ref in ipairs(call('ZRANGEBYSCORE', DEADLINES, '-inf', now, 'LIMIT', 0, limit)) do
  call('ZREM', DEADLINES, ref)
  local run = run_at(ref)
  local v = call('HMGET', run.meta, 'status', 'outcome')
  if v[1] and not v[2] then
    abort_open(run, 'deadline', nil, true)
    leave_phase(run)
    call('HSET', run.meta, 'conclude', 'deadline', 'sealed', '1', 'restart', '')
    maybe_join(run)
    call('PUBLISH', prefix .. 'cancelled', ref)
    runs = runs + 1
  end
end
for _, approval in ipairs(call('ZRANGEBYSCORE', APPROVALS, '-inf', now, 'LIMIT', 0, limit)) do
  local ref, id = string.match(approval, '^([^|]+)|(.+)$')
  local run = run_at(ref)
  call('ZREM', APPROVALS, approval)
  local step = read_open(run, id)
  if step.status == 'awaiting_approval' then
    append(run, 'step.failed', '{"step":"' .. id .. '","tool":"' .. step.tool .. '","error":' .. approval_error .. ',"will":"end"}')
    note_decision(run, id, '{"decision":"expired","by":null,"comment":null,"edited":false}')
    fail_step(run, id, step, approval_error)
    maybe_join(run)
    approvals = approvals + 1
  end
end
return reply('expired', { tostring(runs), tostring(approvals) })
