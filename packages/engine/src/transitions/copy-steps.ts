import { type EventData, LIMITS, PlanyardError, toolQueue } from '@planyard/contracts';
import { type EngineContext, stale, transition } from '../context.ts';
import type { CopiedStep, RunRef } from '../run-state.ts';

/** Text that one call of the script takes, in characters: while it runs Redis does nothing else. */
const BATCH_CHARS = 1024 * 1024;

/** Puts steps into the graph that ended in another run: as they ended there, never to be executed. Throws `run_too_large`, or `stale` when the attempt is not this planner's any more. */
export async function copySteps(
  context: EngineContext,
  run: RunRef,
  epoch: number,
  steps: readonly CopiedStep[],
): Promise<void> {
  let batch: string[] = [];
  let chars = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    const args = [epoch, LIMITS.run_bytes, ...batch];
    const { status } = await transition(context, context.workerRedis, 'copy-steps', run, args);
    if (status === 'stale') throw stale();
    if (status === 'run_too_large') throw new PlanyardError('run_too_large');
    batch = [];
    chars = 0;
  };
  for (const step of steps) {
    const fields = toFields(step);
    batch.push(...fields);
    chars += fields.reduce((sum, { length }) => sum + length, 0);
    if (chars >= BATCH_CHARS) await flush();
  }
  await flush();
}

/** What the script takes of a step, in its order. */
function toFields(step: CopiedStep): string[] {
  const { admitted, approval } = step;
  const { spec } = admitted;
  const text = (value: unknown) => (value === null || value === undefined ? '' : JSON.stringify(value));
  const asked = approval && {
    effects: approval.effects,
    expires_at: approval.expires_at,
    call: approval.call,
  };
  const decision = approval?.decision && {
    decision: approval.decision,
    by: approval.by,
    comment: approval.comment,
    edited: approval.edited,
  };
  const added: EventData<'step.added'> = {
    step: admitted.id,
    tool: spec.tool,
    purpose: spec.purpose,
    depends_on: [...new Set([...admitted.data_deps, ...admitted.after_deps])],
    copied_from: step.copied_from,
  };
  const end = endOf(step);
  const record = {
    id: admitted.id,
    def: JSON.stringify(admitted),
    status: step.status,
    reason: step.reason ?? '',
    tool: step.tool,
    queue: toolQueue(admitted.dispatch.class),
    policy: spec.on_error,
    fallback_used: step.fallback_used ? '1' : '',
    bytes: step.result?.bytes ?? 0,
    decided_at: approval?.at ? String(Date.parse(approval.at)) : '',
    call_hash: step.call_hash ?? '',
    copied_from: step.copied_from,
    added: JSON.stringify(added),
    end_type: end.type,
    end_data: JSON.stringify(end.data),
  };
  return [record, step.result, step.bound_args, step.error, asked, decision].map(text);
}

/** The event that tells how it ended. */
function endOf({ admitted: { id: step }, status, tool, reason, error, result }: CopiedStep) {
  switch (status) {
    case 'completed': {
      const { bytes = 0, count = null, records = [] } = result ?? {};
      const data: EventData<'step.completed'> = {
        step,
        tool,
        cached: true,
        duration_ms: 0,
        bytes,
        count,
        records,
      };
      return { type: 'step.completed', data };
    }
    case 'failed':
      return {
        type: 'step.failed',
        data: { step, tool, error: error ?? new PlanyardError('internal').toBody(), will: 'end' },
      };
    case 'skipped':
    case 'aborted':
      return { type: `step.${status}`, data: { step, reason } };
  }
}
