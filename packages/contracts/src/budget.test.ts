import { expect, test } from 'vitest';
import { Spending } from './budget.ts';

test.each([
  { cost_usd: -0.01 },
  { cost_usd: Number.NaN },
  { cost_usd: Number.POSITIVE_INFINITY },
  { cost_usd: 1e308 },
  { model: 'acme/m', usage: { input_tokens: -1 } },
  { model: 'acme/m', usage: { output_tokens: Number.MAX_SAFE_INTEGER } },
])('%j is nothing that a call spends: it would give back, or add up to no number', (what) => {
  expect(Spending.safeParse(what).success).toBe(false);
});
