import { randomUUID } from 'node:crypto';
import { type EventData, PlanyardError, type StepId } from '@planyard/contracts';
import type { Decided, EditedCall } from '../api.ts';
import { type EngineContext, transition } from '../context.ts';
import type { RunRef } from '../run-state.ts';

type Decision =
  | ({ kind: 'approve'; edited?: EditedCall } & Decided)
  | ({ kind: 'reject'; tool: string } & Decided)
  | { kind: 'abort' };

/**
 * A person's decision about one step: `approve` and `reject` where it awaits approval, `abort` while it is not over.
 * Throws `not_found`, or `conflict` with the state that does not allow it.
 */
export async function decideStep(
  context: EngineContext,
  run: RunRef,
  step: StepId,
  decision: Decision,
): Promise<void> {
  const edited = decision.kind === 'approve' ? decision.edited : undefined;
  const { event, record, error } = describe(step, decision);
  const reply = await transition(context, context.redis, 'decide-step', run, [
    step,
    decision.kind,
    JSON.stringify(event),
    error ? JSON.stringify(error) : '',
    record ? JSON.stringify(record) : '',
    edited?.tool ?? '',
    edited ? JSON.stringify(edited.args) : '',
    randomUUID(),
    (decision.kind !== 'abort' && decision.call) || '',
  ]);
  switch (reply.status) {
    case 'not_found':
      throw new PlanyardError('not_found', `There is no step ${step}`);
    case 'conflict':
      throw new PlanyardError(
        'conflict',
        `Step ${step} is ${reply.extra[0]}: it cannot be ${PAST[decision.kind]}`,
      );
    case 'other_call':
      throw new PlanyardError(
        'conflict',
        `Step ${step} asks about another call of ${reply.extra[0]} by now: look at its arguments again`,
      );
    default:
  }
}

const PAST = { approve: 'approved', reject: 'rejected', abort: 'aborted' } as const;

function describe(step: StepId, decision: Decision) {
  switch (decision.kind) {
    case 'approve': {
      const { by, comment, edited } = decision;
      const event: EventData<'step.approved'> = {
        step,
        by,
        comment,
        edited: edited !== undefined,
        ...(edited ? { args: edited.args } : {}),
      };
      return { event, record: { decision: 'approved', by, comment, edited: event.edited } };
    }
    case 'reject': {
      const { by, comment, tool } = decision;
      const error = new PlanyardError('rejected', comment ? `Rejected: ${comment}` : undefined).toBody();
      const event: EventData<'step.failed'> = { step, tool, error, will: 'end' };
      return { event, error, record: { decision: 'rejected', by, comment, edited: false } };
    }
    case 'abort':
      return { event: { step, reason: 'user' } };
  }
}
