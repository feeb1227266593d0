import type { Phase } from '@planyard/engine';

/** What the model may know of a run's limits: of each what is left, and of how much. */
export function describeLimits({ budget, spent, deadline_at }: Phase, now: number): string[] {
  const left = (name: string, limit: number | undefined, used: number, digits = 0) =>
    limit === undefined ? [] : [`${name}: ${Math.max(0, limit - used).toFixed(digits)} of ${limit}`];
  const limits = [
    ...left('cost_usd', budget.cost_usd, spent.cost_usd, 4),
    ...left('tokens', budget.tokens, spent.tokens),
    ...left('steps', budget.steps, spent.steps),
    ...(deadline_at === null ? [] : [`seconds: ${Math.max(0, Math.round((deadline_at - now) / 1000))}`]),
  ];
  return limits.length > 0 ? limits : ['none'];
}
