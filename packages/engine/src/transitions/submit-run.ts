import { PlanyardError, type RunRecord } from '@planyard/contracts';
import { type EngineContext, transition } from '../context.ts';

/** Creates a run's state and releases `plan-run`. Repeating it for the same incarnation changes nothing; an earlier one ends. Throws `overloaded` at the cap. */
export async function submitRun(context: EngineContext, record: RunRecord): Promise<void> {
  const { request, caller, request_id } = record;
  const deadline = deadlineOf(record);
  const reply = await transition(
    context,
    context.redis,
    'submit-run',
    { run_id: record.id, incarnation: record.incarnation },
    [
      record.id,
      record.incarnation,
      JSON.stringify(record),
      JSON.stringify(stepContextOf(record, request.agent)),
      request_id,
      request.options.priority,
      caller.tenant,
      context.settings.run_in_flight,
      context.settings.tenant_in_flight,
      deadline ?? '',
      // A run that is being rebuilt was accepted before: it is never refused.
      record.incarnation > 1 ? 0 : context.settings.open_runs_cap,
      request.budget.steps ?? '',
      request.options.trace ? '1' : '',
      JSON.stringify({
        question: request.question,
        agent: request.agent,
        conversation_id: request.conversation_id,
        ...(request.rerun ? { parent_run_id: request.rerun.run_id } : {}),
      }),
      (request.rerun?.attempt ?? 1) - 1,
      context.settings.ended_ttl_ms,
    ],
  );
  if (reply.status === 'overloaded') throw new PlanyardError('overloaded', undefined, { retryAfter: 5 });
}

/** What every step of the run carries to its worker. */
export function stepContextOf({ request, caller, request_id }: RunRecord, agent: string | null) {
  return { caller, request_id, agent, use_cache: request.options.cache };
}

/** The earlier of the deadline and the wall-time budget, in milliseconds since the epoch. */
function deadlineOf(record: RunRecord): number | null {
  const { deadline, budget } = record.request;
  const limits = [
    deadline === null ? null : Date.parse(deadline),
    budget.ms === undefined ? null : Date.parse(record.created_at) + budget.ms,
  ].filter((limit) => limit !== null);
  return limits.length === 0 ? null : Math.min(...limits);
}
