import { randomUUID } from 'node:crypto';
import type { RunOutcome } from '@planyard/contracts';
import { type EngineContext, transition } from '../context.ts';
import type { RunRef } from '../run-state.ts';

/** Aborts what is not over and ends the run. The state is what counts: workers see it at their next renewal; the message only makes it faster. */
export async function cancelRun(context: EngineContext, run: RunRef): Promise<boolean> {
  const outcome: RunOutcome = {
    status: 'cancelled',
    answer: null,
    citations: [],
    missing: [],
    planner: null,
    error: null,
  };
  const reply = await transition(context, context.redis, 'cancel-run', run, [
    JSON.stringify(outcome),
    randomUUID(),
  ]);
  return reply.status === 'cancelled';
}
