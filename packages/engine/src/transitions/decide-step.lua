local run = run_at(ARGV[3])
local id, decision, event, error = ARGV[4], ARGV[5], ARGV[6], ARGV[7]

local step = read_open(run, id)
if not step.status then return reply('not_found') end
if decision == 'abort' then
  if not UNSETTLED[step.status] then return reply('conflict', { step.status }) end
  close_step(run, id, step, 'aborted', 'user')
  append(run, 'step.aborted', event)
  propagate(run, step, 'aborted')
else
  if step.status ~= 'awaiting_approval' then return reply('conflict', { step.status }) end
  if decision == 'approve' then
    call('ZREM', APPROVALS, member(run, id))
    resume_clock(run)
    call('HSET', step_key(run, id), 'status', 'pending')
    release(run, id)
  else
    append(run, 'step.failed', event)
    fail_step(run, id, step, error)
  end
end
maybe_join(run)
return reply('decided')
