import type { AdmittedStep } from '@planyard/contracts';
import type { PlanningPhase } from '@planyard/engine';
import { expect, test } from 'vitest';
import { planInfo } from './plan-info.ts';
import { withinStepBudget } from './within-step-budget.ts';

test('what is beyond the budget is refused; everything else of the plan is sealed as it was given', async () => {
  const added: string[] = [];
  const sealed: object[] = [];
  const phase = withinStepBudget({
    attempt: 1,
    record: { request: { question: 'what is down?' } },
    budget: { steps: 3 },
    spent: { steps: 1 },
    addSteps: async (steps: AdmittedStep[]) => void added.push(...steps.map(({ id }) => id)),
    seal: async (plan: object) => void sealed.push(plan),
  } as unknown as PlanningPhase);
  const step = (id: string) =>
    ({ id: `1.${id}`, spec: { id, tool: 'ci.get', purpose: '' } }) as unknown as AdmittedStep;
  await phase.addSteps([step('a')]);
  await phase.addSteps([step('b'), step('c')]);
  const info = planInfo(phase, 'broad');
  const before = { step: 'x', code: 'unknown_tool' as const, message: 'none' };
  await phase.seal({ intent: 'look', strategy: 'graph', info, refused: [before] });
  expect(added).toEqual(['1.a', '1.b']);
  expect(sealed).toEqual([
    {
      intent: 'look',
      strategy: 'graph',
      info,
      refused: [before, { step: 'c', code: 'budget_exceeded', message: expect.stringContaining('3 steps') }],
    },
  ]);
});
