import { Usage } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { Price } from './config/price.ts';
import { parseModelName } from './model-name.ts';
import { costOf, PRICES } from './prices.ts';

const table = {
  as_of: '2026-01-01',
  prices: {
    'one/a': Price.parse({
      input: 10,
      cached: 1,
      cache_write: 12,
      output: 100,
      reasoning: 50,
      batch: { input: 5, output: 40 },
    }),
    'one/*': Price.parse({ input: 1, output: 2 }),
    'one/large-*': Price.parse({ input: 3, output: 4 }),
  },
};
const MILLION = 1_000_000;
const cost = (model: string, usage: Partial<Usage>, tier: 'standard' | 'batch' = 'standard') =>
  costOf(table, parseModelName(model), Usage.parse(usage), tier);

test('cached, written, reasoning and batch tokens have their own prices', () => {
  const usage = {
    input_tokens: 4 * MILLION,
    cached_tokens: 2 * MILLION,
    cache_write_tokens: MILLION,
    output_tokens: 3 * MILLION,
    reasoning_tokens: MILLION,
  };
  expect(cost('one/a', usage)).toBeCloseTo(10 + 2 * 1 + 12 + 2 * 100 + 50);
  expect(cost('one/a', usage, 'batch')).toBeCloseTo(4 * 5 + 3 * 40);
});

test('the closest name holds, and a model without one has no price', () => {
  expect(cost('one/large-2', { input_tokens: MILLION })).toBe(3);
  expect(cost('one/a-2026-01-31', { input_tokens: MILLION })).toBe(10);
  expect(cost('one/other', { input_tokens: MILLION })).toBe(1);
  expect(cost('two/a', { input_tokens: MILLION })).toBeNull();
  const bedrock = parseModelName('bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0');
  expect(costOf(PRICES, bedrock, Usage.parse({ output_tokens: MILLION }), 'standard')).toBe(15);
});
