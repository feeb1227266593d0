-- Approvals of a run that nobody gave in time fail their step.
local run, approval_error = run_at(ARGV[3]), ARGV[4]
local expired = 0
for n = 5, #ARGV do
  local id = ARGV[n]
  local ends = call('ZSCORE', APPROVALS, member(run, id))
  if ends and tonumber(ends) <= now then
    local step = read_open(run, id)
    if step.status == 'awaiting_approval' then
      append(run, 'step.failed', '{"step":"' .. id .. '","tool":"' .. step.tool .. '","error":' .. approval_error .. ',"will":"end"}')
      note_decision(run, id, '{"decision":"expired","by":null,"comment":null,"edited":false}')
      fail_step(run, id, step, approval_error)
      maybe_join(run)
      expired = expired + 1
    end
    call('ZREM', APPROVALS, member(run, id))
  end
end
return reply('expired', { tostring(expired) })
