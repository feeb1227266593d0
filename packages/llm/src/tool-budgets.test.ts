import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { BudgetsConfig } from './config/models-config.ts';
import { Price } from './config/price.ts';
import { startModelServer, textReply } from './testing/index.ts';
import { openModels } from './testing/open-models.ts';
import { createToolBudgets } from './tool-budgets.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.disconnect());

const CALLER = { tenant: 'default', user: 'ann', key_id: 'k1' };
const STEP = { caller: CALLER, run_id: 'run-1' };
const { signal } = new AbortController();
const log = { info: () => {}, warn: () => {} };

function open(budgets: object[], namespace = `t${randomUUID().slice(0, 8)}`) {
  const settings = BudgetsConfig.parse({ budgets, budget_patience_ms: 0 });
  const opened = createToolBudgets({ redis, namespace, settings: () => settings, log });
  const refusalOf = (usd: number, step = STEP) =>
    opened.reserve(step, usd, signal).then(
      ({ settle }) => settle({ usd: 0, tokens: 0 }),
      (error: Error) => error.message,
    );
  return { ...opened, refusalOf };
}

test.each([
  ['run', { ...STEP, run_id: 'run-2' }],
  ['key', { ...STEP, caller: { ...CALLER, key_id: 'k2' } }],
  ['user', { ...STEP, caller: { ...CALLER, user: 'bob' } }],
  ['tenant', { ...STEP, caller: { ...CALLER, tenant: 'other' } }],
])('what tools reserve and spend is of the budget of their %s, and of no other', async (per, other) => {
  const { reserve, refusalOf } = open([
    { per, usd: 1, period: 'total' },
    { per: 'request', usd: 0.01 },
  ]);
  const held = await reserve(STEP, 0.8, signal);
  expect(await refusalOf(0.5)).toBe(`the budget of the ${per}, 1 USD, is reserved by calls under way`);
  expect(await refusalOf(0.5, other)).toBeUndefined();
  held.settle({ usd: 0.3, tokens: 10 });
  await expect.poll(() => refusalOf(0.7)).toBeUndefined();
  expect(await refusalOf(0.71)).toBe(`the budget of the ${per}, 1 USD, does not cover this call`);
});

test('what was spent without a reservation counts, in tokens too, also where the budget is used up', async () => {
  const { reserve, refusalOf } = open([{ per: 'all', usd: 1, tokens: 100 }]);
  for (let call = 0; call < 2; call += 1) (await reserve(STEP, 0, signal)).settle({ usd: 2, tokens: 60 });
  await expect
    .poll(() => refusalOf(0.1))
    .toEqual(expect.stringContaining('the daily budget of all calls, 1 USD, does not cover'));
  const book = async (what: string) => {
    const [key = ''] = await redis.keys(`*{llm}:book:${what}:all:all:*`);
    return redis.hget(key, 'spent');
  };
  await expect.poll(() => book('usd')).toBe('4000000000');
  expect(await book('tokens')).toBe('120');
});

test('models and tools spend the same budget', async () => {
  const server = await startModelServer();
  const usage = { prompt_tokens: 6, completion_tokens: 4 };
  server.script([{ when: /./, replies: [textReply('ok', { usage })] }]);
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const budgets = [{ per: 'user', usd: 100e-6 }];
  const { models, text } = openModels(
    { one: server },
    {
      prices: { as_of: '2026-01-01', prices: { 'one/*': Price.parse({ input: 1, output: 1 }) } },
      ...BudgetsConfig.parse({ budgets, budget_patience_ms: 0 }),
    },
    { redis: { redis, namespace } },
  );
  onTestFinished(async () => {
    models.close();
    await server.close();
  });
  const { reserve, refusalOf } = open(budgets, namespace);
  const ask = () => text('one/a', { caller: CALLER });
  await ask();
  await expect.poll(() => refusalOf(90e-6)).toBeUndefined();
  expect(await refusalOf(91e-6)).toContain('does not cover this call');
  (await reserve(STEP, 80e-6, signal)).settle({ usd: 80e-6, tokens: 0 });
  await expect(ask()).rejects.toMatchObject({ code: 'budget_exceeded' });
});
