local run = run_at(ARGV[3])
local id, decision, event, error = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local s = step_key(run, id)

local status = call('HGET', s, 'status')
if not status then return reply('not_found') end
if decision == 'abort' then
  if not UNSETTLED[status] then return reply('conflict', { status }) end
  close_step(run, id, 'aborted', 'user', status)
  append(run, 'step.aborted', event)
  propagate(run, id, 'aborted')
else
  if status ~= 'awaiting_approval' then return reply('conflict', { status }) end
  if decision == 'approve' then
    call('ZREM', APPROVALS, member(run, id))
    resume_clock(run)
    call('HSET', s, 'status', 'pending')
    release(run, id)
  else
    append(run, 'step.failed', event)
    fail_step(run, id, status, error)
  end
end
maybe_join(run)
return reply('decided')
