import { expect, test } from 'vitest';
import { reportBudget } from './summarize-run.ts';

test('a limit of steps is exceeded, too, when steps were refused for its sake', () => {
  const used = { cost_usd: 0.1, tokens: 5, ms: 3, steps: 3 };
  const refused = [{ step: 'd', code: 'budget_exceeded' as const, message: '' }];
  const line = { used: 3, limit: 3, percent: 100 };
  expect(reportBudget({ steps: 3 }, used, []).steps).toEqual({ ...line, exceeded: false });
  expect(reportBudget({ steps: 3 }, used, refused).steps).toEqual({ ...line, exceeded: true });
  const report = reportBudget({ cost_usd: 0.3 }, used, refused);
  expect(report.cost_usd).toMatchObject({ percent: 33.3, exceeded: false });
  expect(report.steps.exceeded).toBe(false);
});
