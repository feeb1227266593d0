import type { Budget } from '@planyard/contracts';
import { type EngineContext, stale, transition } from '../context.ts';
import type { Phase, PlanningPhase, StartedAttempt } from '../phase.ts';
import type { RunState } from '../run-state.ts';
import { type HeldPhase, nextWrite } from './phases.ts';
import { stepContextOf } from './submit-run.ts';

/** What of a run is settled once it is known who plans it. */
export type AttemptLimits = Pick<Phase, 'agent' | 'strategy' | 'budget' | 'deadline_at'>;

/** Tells who makes the attempt. The agent's limits narrow those of the caller once in a run, with the first attempt that gets this far. */
export async function startAttempt(
  context: EngineContext,
  held: HeldPhase,
  state: RunState,
  reason: PlanningPhase['reason'],
  attempt: StartedAttempt,
): Promise<AttemptLimits> {
  const { record } = state;
  const agent = attempt.agent ?? state.agent;
  const strategy = attempt.strategy ?? state.strategy;
  const budget = state.limited ? state.budget : narrower(state.budget, attempt.budget ?? {});
  const ends = [
    state.deadline_at,
    budget.ms === undefined ? null : Date.parse(record.created_at) + budget.ms,
  ].filter((end) => end !== null);
  const deadline_at = state.limited || ends.length === 0 ? state.deadline_at : Math.min(...ends);
  const reply = await transition(context, context.workerRedis, 'start-attempt', held, [
    held.epoch,
    nextWrite(held),
    attempt.planner,
    agent ?? '',
    strategy,
    attempt.max_attempts ?? state.max_attempts,
    JSON.stringify(stepContextOf(record, agent)),
    JSON.stringify(budget),
    budget.steps ?? '',
    deadline_at ?? '',
    JSON.stringify({ attempt: state.attempt, reason, planner: attempt.planner, agent }),
  ]);
  if (reply.status === 'stale') throw stale();
  return { agent, strategy, budget, deadline_at };
}

/** Of each limit the tighter one. */
function narrower(one: Budget, other: Budget): Budget {
  const limits: Budget = { ...other, ...one };
  for (const key of ['cost_usd', 'tokens', 'ms', 'steps'] as const) {
    const [a, b] = [one[key], other[key]];
    if (a !== undefined && b !== undefined) limits[key] = Math.min(a, b);
  }
  return limits;
}
