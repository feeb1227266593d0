local run = run_at(ARGV[3])
local id, decision, event, error, record, edited_tool, edited_args, decider, decided_call = unpack(ARGV, 4, 12)

local step = read_open(run, id)
if not step.status then return reply('not_found') end
-- Sent again after a reply that was lost.
if call('HGET', step_key(run, id), 'decider') == decider then return reply('decided') end
if decision == 'abort' then
  if not UNSETTLED[step.status] then return reply('conflict', { step.status }) end
  close_step(run, id, step, 'aborted', 'user')
  append(run, 'step.aborted', event)
  propagate(run, step, 'aborted')
else
  if step.status ~= 'awaiting_approval' then return reply('conflict', { step.status }) end
  -- Its fallback may ask by now, or what a rebuilt run planned by the same name.
  local asked = cjson.decode(call('HGET', step_key(run, id), 'asked'))
  local is_other = (edited_tool ~= '' and edited_tool ~= step.tool) or (decided_call ~= '' and decided_call ~= asked.call)
  if is_other then return reply('other_call', { step.tool }) end
  note_decision(run, id, record)
  if decision == 'approve' then
    call('ZREM', APPROVALS, member(run, id))
    resume_clock(run)
    call('HSET', step_key(run, id), 'status', 'pending')
    if edited_args ~= '' then
      call('HSET', step_key(run, id), 'frozen_args', edited_args, 'bound_args', edited_args)
    end
    append(run, 'step.approved', event)
    release(run, id)
  else
    append(run, 'step.failed', event)
    fail_step(run, id, step, error)
  end
end
call('HSET', step_key(run, id), 'decider', decider)
maybe_join(run)
return reply('decided')
