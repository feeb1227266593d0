-- Looks at one open run for what no due record and no lease stands for. Every transition writes both at once, so
-- this finds something only after Redis came back with less than it had acknowledged.
local run = run_at(ARGV[3])
local repaired = 0
-- It may have ended since the list of open runs was read.
if not call('ZSCORE', OPEN, run.ref) then return reply('swept', { '0' }) end
local v = call('HMGET', run.meta, 'status', 'phase', 'outcome', 'phase_delivery')
if not v[1] then
  call('ZREM', OPEN, run.ref)
  return reply('swept', { '1' })
end
local function in_hand(what)
  return call('ZSCORE', DUE, member(run, what)) or call('ZSCORE', LEASES, member(run, what))
end
for _, id in ipairs(call('LRANGE', run.ids, 0, -1)) do
  local s = call('HMGET', step_key(run, id), 'status', 'waiting_for', 'parked')
  if s[1] == 'queued' and not in_hand(id) then
    call('ZADD', DUE, now, member(run, id))
    repaired = repaired + 1
  elseif s[1] == 'running' and not in_hand(id) then
    call('ZADD', LEASES, now, member(run, id))
    repaired = repaired + 1
  elseif s[1] == 'pending' and s[2] == '0' and not s[3] then
    release(run, id)
    repaired = repaired + 1
  end
end
if v[2] ~= '' then
  if not in_hand('@' .. v[2]) then
    call('ZADD', DUE, now, member(run, '@' .. v[2]))
    repaired = repaired + 1
  end
elseif v[3] then
  schedule(run, 'persist', 0)
  repaired = repaired + 1
else
  local before = #jobs
  maybe_join(run)
  repaired = repaired + #jobs - before
end
return reply('swept', { tostring(repaired) })
