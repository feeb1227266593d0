import type { RefusedStep } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';

/**
 * A phase that takes of each batch the steps its run's budget has room for, where the graph would refuse the whole batch,
 * and seals with the others as refused. Steps refer to earlier ones only, so those that are taken can run.
 */
export function withinStepBudget(phase: PlanningPhase): PlanningPhase {
  const limit = phase.budget.steps;
  if (limit === undefined) return phase;
  let room = Math.max(0, limit - phase.spent.steps);
  const cut: RefusedStep[] = [];
  return {
    ...phase,
    async addSteps(steps) {
      const taken = steps.slice(0, room);
      await phase.addSteps(taken);
      room -= taken.length;
      for (const { spec } of steps.slice(taken.length))
        cut.push({
          step: spec.id,
          code: 'budget_exceeded',
          message: `${spec.purpose || spec.tool} is beyond the budget of ${limit} ${limit === 1 ? 'step' : 'steps'}`,
        });
    },
    seal: (plan) => phase.seal({ ...plan, refused: [...(plan.refused ?? []), ...cut] }),
  };
}
