-- A worker died while it ran this step. Twice may be bad company: then it runs alone, and a crash there tells, or six in all.
local function recover_step(run, id)
  local s = step_key(run, id)
  call('ZREM', LEASES, member(run, id))
  local step = read_open(run, id)
  if step.status ~= 'running' then return false end
  local crashes = call('HINCRBY', s, 'crashes', 1)
  if crashes >= 2 then call('HSET', s, 'queue', 'tool-solo') end
  if crashes >= 6 then
    local error = '{"code":"step_poisoned","message":"It was running in six crashes","retryable":false}'
    append(run, 'step.failed', '{"step":"' .. id .. '","tool":"' .. step.tool .. '","error":' .. error .. ',"will":"end"}')
    note_written_outside(run)
    fail_step(run, id, step, error)
    maybe_join(run)
  else
    requeue(run, id, 0)
  end
  return true
end
