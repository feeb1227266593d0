import { type ModelUsage, PlanyardError, type Spending, Usage } from '@planyard/contracts';
import type { BegunStep } from './step-execution.ts';
import { usageByModel } from './usage-by-model.ts';

/** What came together in one begin of a step. */
export interface Spent {
  cost_usd: number;
  models: ModelUsage[];
}

/** Counts what the call of a begun step spends, and holds it to the step's budget: over it, `end` is called. */
export function countSpending(
  step: Pick<BegunStep, 'spec' | 'spent_usd'>,
  deps: {
    /** Takes an expected cost from the budget of the run. */
    reserve: (costUsd: number) => Promise<void>;
    end: (error: PlanyardError) => void;
  },
) {
  const limit = step.spec.budget?.cost_usd ?? Number.POSITIVE_INFINITY;
  const spent: Spent = { cost_usd: 0, models: [] };
  let reserved = 0;
  let told = false;
  // Sums of decimals are off by less than that.
  const isOver = (usd: number) => step.spent_usd + usd > limit + 1e-9;
  const over = (how: string) =>
    new PlanyardError('budget_exceeded', `the step's budget of ${limit} USD ${how}`);

  return {
    /** Throws `budget_exceeded` where the budget of the step or of its run does not cover the cost. */
    async reserve(costUsd: number): Promise<void> {
      if (costUsd === 0) return;
      if (isOver(costUsd)) throw over('does not cover this call');
      await deps.reserve(costUsd);
      reserved = costUsd;
    },
    tell({ cost_usd, model, usage }: Spending): void {
      told = true;
      spent.cost_usd += cost_usd ?? 0;
      if (model !== undefined) {
        const [provider = '', ...name] = model.split('/');
        const used = { provider, model: name.join('/'), calls: 1, usage: usage ?? Usage.parse({}), cost_usd };
        spent.models = usageByModel([...spent.models, used]);
      }
      if (isOver(spent.cost_usd)) deps.end(over('is used up'));
    },
    /** Nobody knows what a call that was cut off has cost: where it had not told, it is charged at its estimate. */
    total: (wasCutOff: boolean): Spent => (wasCutOff && !told ? { ...spent, cost_usd: reserved } : spent),
  };
}
