import type { RunResponse } from '@planyard/contracts';
import { attemptOf } from '@planyard/contracts';
import type { PersistPhase } from '@planyard/engine';
import type { EndedPlan } from '@planyard/store';

/** What is noted of a run's first plan; null for a run that was answered, or ended, without one. */
export function endedPlan(
  { state, outcome, steps }: Pick<PersistPhase, 'state' | 'outcome' | 'steps'>,
  response: RunResponse,
): EndedPlan | null {
  const { plan } = state;
  if (!plan) return null;
  const first = state.attempts_before + 1;
  const planned = steps.filter((step) => attemptOf(step.id) <= first);
  const cited = new Set(outcome.citations.map(({ step }) => step));
  return {
    intent: plan.wants,
    agent: state.agent,
    prompt: plan.prompt,
    source: plan.source,
    repairs: plan.repairs,
    status: outcome.status,
    steps_planned: planned.length,
    steps_useful: planned.filter(({ id, status }) => status === 'completed' && cited.has(id)).length,
    cost_usd: response.usage.cost_usd,
    latency_ms: response.timings.total_ms,
    created_at: response.timings.created_at,
    reuse: plan.reuse,
    reusable: outcome.status === 'completed' && state.attempt === first && plan.reuse !== null,
  };
}
