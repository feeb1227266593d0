import { Usage } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { Price } from './config/price.ts';
import { parseModelName } from './model-name.ts';
import { PRICES } from './price-table.ts';
import { costOf, dearest, priceOf } from './prices.ts';

const MILLION = 1_000_000;
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
    'one/tall': Price.parse({
      input: 1,
      output: 2,
      batch: { input: 0.5, output: 1 },
      long: { over_tokens: MILLION, input: 3, output: 4 },
    }),
    'one/*': Price.parse({ input: 1, output: 2 }),
    'one/large-*': Price.parse({ input: 3, output: 4 }),
  },
};
const cost = (model: string, usage: Partial<Usage>, tier: 'standard' | 'batch' = 'standard') =>
  costOf(priceOf(table, parseModelName(model)), Usage.parse(usage), tier);

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
  expect(costOf(priceOf(PRICES, bedrock), Usage.parse({ output_tokens: MILLION }), 'standard')).toBe(15);
});

test('a call whose input is long costs more as a whole', () => {
  expect(cost('one/tall', { input_tokens: MILLION, output_tokens: MILLION })).toBe(3);
  const usage = { input_tokens: 2 * MILLION, output_tokens: MILLION };
  expect(cost('one/tall', usage)).toBe(10);
  expect(cost('one/tall', usage, 'batch')).toBe(10);
  const tall = table.prices['one/tall'];
  expect(dearest(tall, 'batch', 10).input * MILLION).toBeCloseTo(0.5);
  expect(dearest(tall, 'standard', 2 * MILLION).output * MILLION).toBeCloseTo(4);
});

test.each([
  ['anthropic/claude-opus-4-1-20250805', 15, 75],
  ['anthropic/claude-opus-4-20250514', 15, 75],
  ['anthropic/claude-opus-4-5-20251101', 5, 25],
  ['anthropic/claude-sonnet-4-5', 3, 15],
  ['anthropic/claude-opus-5', 5, 25],
  ['anthropic/claude-opus-5-5', 4, 20],
  ['bedrock/global.anthropic.claude-haiku-4-5-20251001-v1:0', 1, 5],
  ['bedrock/eu.anthropic.claude-haiku-4-5-20251001-v1:0', 1.1, 5.5],
  ['bedrock/eu.anthropic.claude-sonnet-4-20250514-v1:0', 3, 15],
  ['bedrock/us.amazon.nova-lite-v1:0', 0.06, 0.24],
  ['openai/gpt-5.1-2025-11-13', 1.25, 10],
  ['openai/o4-mini', 1.1, 4.4],
  ['openrouter/anthropic/claude-sonnet-4.5', 3, 15],
  ['openrouter/anthropic/claude-3.5-haiku', 0.8, 4],
  ['openrouter/openai/gpt-5', 1.25, 10],
  ['openrouter/google/gemini-2.5-pro', 1.25, 10],
])('%s has its published price', (name, input, output) => {
  expect(priceOf(PRICES, parseModelName(name))).toMatchObject({ input, output });
});

test('a model whose price nobody published to us has none, whatever its family costs', () => {
  for (const name of ['openai/gpt-6', 'anthropic/claude-opus-6', 'openrouter/openai/gpt-5:free'])
    expect(priceOf(PRICES, parseModelName(name))).toBeNull();
});
