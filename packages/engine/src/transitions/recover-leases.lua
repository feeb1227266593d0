-- Holders that stopped renewing are dead, or as good as dead: what they held goes on elsewhere.
local limit = ARGV[3]
local until_time = '+inf'
until_time = now -- guard:lease
local counts = { 0, 0 }
for _, lease in ipairs(call('ZRANGEBYSCORE', LEASES, '-inf', until_time, 'LIMIT', 0, limit)) do
  local ref, what = string.match(lease, '^([^|]+)|(.+)$')
  local run = run_at(ref)
  if string.sub(what, 1, 1) == '@' then
    local phase = string.sub(what, 2)
    call('ZREM', LEASES, lease)
    if call('HGET', run.meta, 'phase') == phase then
      restart_phase(run, phase, 0)
      counts[2] = counts[2] + 1
    end
  elseif recover_step(run, what) then
    counts[1] = counts[1] + 1
  end
end
return reply('recovered', { tostring(counts[1]), tostring(counts[2]) })
