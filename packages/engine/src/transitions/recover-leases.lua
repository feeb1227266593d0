-- Holders that stopped renewing are dead, or as good as dead: what they held of a run goes on elsewhere.
local run = run_at(ARGV[3])
local most_crashes, outcome, jitter = tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local counts = { 0, 0 }
local function has_run_out(what)
  local ends = call('ZSCORE', LEASES, member(run, what))
  if not ends then return false end
  if tonumber(ends) > now then return false end -- guard:lease
  return true
end
-- A join may be what its planner died of. Each time it waits longer, a part of it by chance, so that others which died
-- with it are joined meanwhile; in the end its run fails.
local function restart_join()
  local crashes = call('HINCRBY', run.meta, 'join_crashes', 1)
  if crashes >= most_crashes then return end_run(run, outcome, 'run_ended') end
  restart_phase(run, 'join', crashes < 2 and 0 or math.floor(jitter * 1000 * 2 ^ crashes))
end
local function recover(what)
  if string.sub(what, 1, 1) == '@' then
    local phase = string.sub(what, 2)
    if call('HGET', run.meta, 'phase') == phase then
      if phase == 'join' then
        restart_join()
      else
        restart_phase(run, phase, 0)
      end
      counts[2] = counts[2] + 1
    end
    call('ZREM', LEASES, member(run, what))
  elseif recover_step(run, what) then
    counts[1] = counts[1] + 1
  end
end
for n = 7, #ARGV do
  if has_run_out(ARGV[n]) then recover(ARGV[n]) end
end
return reply('recovered', { tostring(counts[1]), tostring(counts[2]) })
