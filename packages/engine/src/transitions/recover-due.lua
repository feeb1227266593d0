-- Of a run, released but not begun for a while: the job may wait in its queue, or be lost between two writes or two Redis.
local run, recheck_ms = run_at(ARGV[3]), tonumber(ARGV[4])
local lost = 0
-- The way past the queues is the one that may have lost it.
past_queues = false
for n = 5, #ARGV do
  local what = ARGV[n]
  local due = member(run, what)
  local queue, delivery, name
  if string.sub(what, 1, 1) == '@' then
    local phase = string.sub(what, 2)
    local v = call('HMGET', run.meta, 'phase', 'phase_delivery')
    if v[1] == phase then queue, delivery = PHASE_QUEUE[phase], v[2] end
  else
    local v = call('HMGET', step_key(run, what), 'status', 'queue', 'delivery', 'job')
    if v[1] == 'queued' then queue, delivery, name = v[2], v[3], v[4] end
  end
  if not queue then
    call('ZREM', DUE, due)
  elseif tonumber(call('ZSCORE', DUE, due) or '+inf') <= now then
    call('ZADD', DUE, now + recheck_ms, due)
    if not name or name == '' then name = job_name(run.ref, what, delivery) end
    if call('EXISTS', prefix .. queue .. ':' .. name) == 0 then
      lost = lost + 1
      push_job(run, what, delivery, queue, 0)
    end
  end
end
return reply('recovered', { tostring(lost) })
