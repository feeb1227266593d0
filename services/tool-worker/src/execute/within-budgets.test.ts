import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openTestWorker } from '../testing/open-test-worker.ts';

let directory: string;
let t: Awaited<ReturnType<typeof openTestWorker>>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'planyard-budgets-'));
  const file = join(directory, 'planyard.yaml');
  await writeFile(file, 'budgets: [{ per: tenant, usd: 1, period: total }]\nbudget_patience_ms: 0\n');
  t = await openTestWorker(inject('redisUrl'), { PLANYARD_CONFIG: file });
});
afterAll(async () => {
  await t?.close();
  await rm(directory, { recursive: true });
});

const run = async (tenant: string, steps: Parameters<typeof t.run>[0], more: object = {}) =>
  (await t.untilEnd(await t.submit([steps], { tenant, ...more }))).steps;
/** In billionths of a USD. */
const spentBy = async (tenant: string) =>
  Number(await t.redis.hget(`${t.namespace}:{llm}:book:usd:tenant:${tenant}`, 'spent'));

it('a call is not made that a budget of planyard.yaml does not cover, whatever its run may spend', async () => {
  const steps = await run('a', [
    { id: 'told', tool: 'test.spend', args: { usd: 0.7 } },
    { id: 'refused', tool: 'test.spend', args: { usd: 0.1 }, after: ['told'] },
    { id: 'free', tool: 'test.live', args: { file: join(directory, 'ran') }, after: ['told'] },
  ]);
  expect(steps).toMatchObject({
    '1.told': { status: 'completed' },
    '1.refused': {
      status: 'failed',
      cost_usd: 0,
      error: {
        code: 'budget_exceeded',
        message: 'the budget of the tenant, 1 USD, does not cover this call',
      },
    },
    '1.free': { status: 'completed' },
  });
  expect(await spentBy('a')).toBe(0.7e9);
});

it('what a call tells, or else states, is in the books, also where it fails; one that was not made is not', async () => {
  await run('b', [
    { id: 'stated', tool: 'test.spend' },
    { id: 'failed', tool: 'test.spend', args: { usd: 0.2, fail: true }, after: ['stated'] },
  ]);
  await expect.poll(() => spentBy('b')).toBe(0.7e9);
  const { '1.dear': dear } = await run('c', [{ id: 'dear', tool: 'test.spend' }], {
    budget: { cost_usd: 0.1 },
  });
  expect(dear?.error?.code).toBe('budget_exceeded');
  const { '1.again': again } = await run('c', [{ id: 'again', tool: 'test.spend', args: { usd: 1 } }]);
  expect(again?.status).toBe('completed');
  await expect.poll(() => spentBy('c')).toBe(1e9);
});
