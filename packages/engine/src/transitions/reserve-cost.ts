import { PlanyardError } from '@planyard/contracts';
import { type EngineContext, stale, transition } from '../context.ts';
import type { BegunStep } from '../step-execution.ts';

/** Takes what a call is expected to cost from the budget of its run, before it is made. Throws `budget_exceeded` when money or tokens do not cover it, `stale` when another has the step. */
export async function reserveCost(context: EngineContext, step: BegunStep, costUsd: number): Promise<void> {
  const reply = await transition(context, context.workerRedis, 'reserve-cost', step, [
    step.step,
    step.epoch,
    costUsd,
  ]);
  if (reply.status === 'stale') throw stale();
  if (reply.status === 'budget_exceeded') throw new PlanyardError('budget_exceeded', reply.extra[0]);
}
