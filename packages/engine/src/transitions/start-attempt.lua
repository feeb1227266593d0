-- Who makes this attempt is known, and with it the run's limits. They are set once: a clock that was paused since has
-- moved the deadline.
local run = run_at(ARGV[3])
local epoch, write, planner, agent, strategy, attempts, ctx, budget, steps, deadline, event = unpack(ARGV, 4, 14)

if not holds_phase(run, epoch, 'plan') then return reply('stale') end
if is_written(run, write) then return reply('started') end
note_written(run, write)
if call('HEXISTS', run.meta, 'budget') == 0 then
  call('HSET', run.meta, 'budget', budget, 'steps_limit', steps, 'deadline', deadline)
  if deadline ~= '' then call('ZADD', DEADLINES, deadline, run.ref) end
end
call('HSET', run.meta, 'planner', planner, 'agent', agent, 'strategy', strategy, 'max_attempts', attempts, 'ctx', ctx)
append(run, 'plan.started', event)
return reply('started')
