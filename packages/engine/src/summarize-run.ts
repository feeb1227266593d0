import type { Budget, BudgetReport, RefusedStep, StepSummary } from '@planyard/contracts';
import type { StepState } from './run-state.ts';

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
    copied_from: step.copied_from,
    error: step.error,
  };
}

/**
 * What of each limit was used; percent, to a tenth, and `exceeded` only where there is a limit. The limit of steps counts
 * as exceeded, too, when steps were refused for its sake.
 */
export function reportBudget(
  budget: Budget,
  used: Record<keyof BudgetReport, number>,
  refused: RefusedStep[],
): BudgetReport {
  const cut = budget.steps !== undefined && refused.some(({ code }) => code === 'budget_exceeded');
  const line = (key: keyof BudgetReport) => {
    const limit = budget[key] ?? null;
    return {
      used: used[key],
      limit,
      percent: limit === null || limit === 0 ? null : Math.round((used[key] / limit) * 1000) / 10,
      exceeded: limit !== null && (used[key] > limit || (key === 'steps' && cut)),
    };
  };
  return { cost_usd: line('cost_usd'), tokens: line('tokens'), ms: line('ms'), steps: line('steps') };
}
