import type { StepView } from '@planyard/contracts';
import type { StepState } from './run-state.ts';
import { sumUsage } from './usage-by-model.ts';

/** A step as the API shows it, without a result that lies in Postgres. Times become ISO 8601. */
export function toStepView(step: StepState): StepView {
  return {
    id: step.id,
    attempt: step.attempt,
    tool: step.tool,
    purpose: step.spec.purpose,
    status: step.status,
    reason: step.reason,
    depends_on: step.depends_on,
    args: step.spec.args,
    bound_args: step.bound_args,
    queued_at: iso(step.queued_at),
    started_at: iso(step.started_at),
    ended_at: iso(step.ended_at),
    cached: step.cached,
    copied_from: step.copied_from,
    attempts: step.begins,
    retries: step.retries,
    fallback_used: step.fallback_used,
    usage: step.models.length > 0 ? sumUsage(step.models) : null,
    cost_usd: step.cost_usd,
    result_bytes: step.result?.bytes ?? null,
    result_count: step.result?.count ?? null,
    records: step.result?.records ?? [],
    approval: step.approval,
    ...(step.result?.value === undefined ? {} : { result: step.result.value }),
    error: step.error,
  };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
