import type { Budget, BudgetReport, StepSummary } from '@planyard/contracts';
import type { StepState } from './api.ts';

/** A step as a run's response lists it. */
export function summarizeStep(step: StepState): StepSummary {
  return {
    id: step.id,
    tool: step.tool,
    purpose: step.spec.purpose,
    status: step.status,
    reason: step.reason,
    duration_ms: step.started_at === null || step.ended_at === null ? null : step.ended_at - step.started_at,
    cost_usd: step.cost_usd,
    cached: step.cached,
    error: step.error,
  };
}

/** What of each limit was used; percent and `exceeded` only where there is a limit. */
export function reportBudget(budget: Budget, used: Record<keyof BudgetReport, number>): BudgetReport {
  const line = (key: keyof BudgetReport) => {
    const limit = budget[key] ?? null;
    return {
      used: used[key],
      limit,
      percent: limit === null || limit === 0 ? null : (used[key] / limit) * 100,
      exceeded: limit !== null && used[key] > limit,
    };
  };
  return { cost_usd: line('cost_usd'), tokens: line('tokens'), ms: line('ms'), steps: line('steps') };
}
