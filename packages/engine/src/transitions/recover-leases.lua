-- Holders that stopped renewing are dead, or as good as dead: what they held of a run goes on elsewhere.
local run = run_at(ARGV[3])
local counts = { 0, 0 }
local function has_run_out(what)
  local ends = call('ZSCORE', LEASES, member(run, what))
  if not ends then return false end
  if tonumber(ends) > now then return false end -- guard:lease
  return true
end
local function recover(what)
  if string.sub(what, 1, 1) == '@' then
    local phase = string.sub(what, 2)
    if call('HGET', run.meta, 'phase') == phase then
      restart_phase(run, phase, 0)
      counts[2] = counts[2] + 1
    end
    call('ZREM', LEASES, member(run, what))
  elseif recover_step(run, what) then
    counts[1] = counts[1] + 1
  end
end
for n = 4, #ARGV do
  if has_run_out(ARGV[n]) then recover(ARGV[n]) end
end
return reply('recovered', { tostring(counts[1]), tostring(counts[2]) })
