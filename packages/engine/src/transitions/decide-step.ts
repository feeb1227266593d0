import { PlanyardError, type StepId } from '@planyard/contracts';
import type { RunRef } from '../api.ts';
import { type EngineContext, transition } from '../context.ts';

/**
 * A person's decision about one step: `approve` and `reject` where it awaits approval, `abort` while it is not over.
 * Throws `not_found`, or `conflict` with the state that does not allow it.
 */
export async function decideStep(
  context: EngineContext,
  run: RunRef,
  step: StepId,
  decision:
    | { kind: 'approve' }
    | { kind: 'reject'; tool: string; comment: string | null }
    | { kind: 'abort' },
): Promise<void> {
  const error =
    decision.kind === 'reject'
      ? new PlanyardError('rejected', decision.comment ? `Rejected: ${decision.comment}` : undefined).toBody()
      : null;
  const event =
    decision.kind === 'reject'
      ? { step, tool: decision.tool, error, will: 'end' }
      : { step, ...(decision.kind === 'abort' ? { reason: 'user' } : {}) };
  const reply = await transition(context, context.redis, 'decide-step', run, [
    step,
    decision.kind,
    JSON.stringify(event),
    error ? JSON.stringify(error) : '',
  ]);
  if (reply.status === 'not_found') throw new PlanyardError('not_found', `There is no step ${step}`);
  if (reply.status === 'conflict')
    throw new PlanyardError(
      'conflict',
      `Step ${step} is ${reply.extra[0]}: it cannot be ${PAST[decision.kind]}`,
    );
}

const PAST = { approve: 'approved', reject: 'rejected', abort: 'aborted' } as const;
