-- A phase whose handler threw: it is tried again, and a planner that keeps failing ends the run. An archive that
-- cannot be written is tried for ever: an acknowledged run must end. A limit of 0 is a hand-back: no try is counted,
-- and no attempt, unless there are steps of its number.
local run = run_at(ARGV[3])
local epoch, phase, delay, max_tries, outcome = ARGV[4], ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]

if not holds_phase(run, epoch, phase) then return reply('stale') end
if phase ~= 'persist' and max_tries > 0 and call('HINCRBY', run.meta, 'phase_tries', 1) >= max_tries then
  end_run(run, outcome, 'run_ended')
  return reply('finished')
end
restart_phase(run, phase, delay)
if max_tries == 0 and phase == 'plan' and call('HGET', run.meta, 'attempt_steps') == '0' then
  call('HINCRBY', run.meta, 'attempt', -1)
end
return reply('scheduled')
