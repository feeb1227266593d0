import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTimer } from '@planyard/engine/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openTestWorker } from '../testing/open-test-worker.ts';

const REST_MS = 54_321;
let t: Awaited<ReturnType<typeof openTestWorker>>;
const file = join(mkdtempSync(join(tmpdir(), 'planyard-figures-')), 'ran');
const slow = (fail: string) => ({ tool: 'test.slow', args: { file, fail }, on_error: 'isolate' as const });
const called = () => readFileSync(file, 'utf8').split('\n').filter(Boolean).length;
const figuresOf = async (tool: string) => (await t.engine.offeredTools()).figures.get(tool);

beforeAll(async () => {
  t = await openTestWorker(inject('redisUrl'), {
    TOOL_BREAKER_PERCENT: '50',
    TOOL_BREAKER_CALLS: '3',
    TOOL_BREAKER_REST_MS: String(REST_MS),
    TOOL_CONCURRENCY: '4',
  });
});
afterAll(() => t.close());

it('publishes what calls took, how many were answered by kept results, and no more of what was never called', async () => {
  expect(await figuresOf('test.big')).toEqual({
    calls: 0,
    ms: 0,
    success: 1,
    cached: 0,
    load: 0,
    breaker: 'closed',
  });
  const echo = (id: string) => ({ id, tool: 'test.echo', args: { value: 'the same' } });
  await t.run([echo('a')]);
  await t.run([echo('b')]);
  await t.run([echo('c')]);
  await expect.poll(() => figuresOf('test.echo')).toMatchObject({ calls: 1, success: 1, breaker: 'closed' });
  const { cached, ms } = (await figuresOf('test.echo')) ?? {};
  expect(cached).toBeGreaterThan(0.5);
  expect(ms).toBeGreaterThan(0);
});

it('counts places that are taken as load', async () => {
  const args = { file: `${file}-load`, ms: 50_000 };
  const run = await t.submit([[{ id: 'a', tool: 'test.slow', args }]]);
  await expect.poll(async () => (await figuresOf('test.slow'))?.load).toBe(0.25);
  await t.engine.cancelRun(run.id);
  await t.untilEnd(run);
});

it('a tool that keeps failing is not called until it has rested; then one call tries it, and its success closes the breaker', async () => {
  const rest = openTimer(REST_MS);
  for (let at = 0; at < 12; at += 1) await t.run([{ id: 'a', ...slow('throw'), retry: { max_tries: 1 } }]);
  const before = called();
  const { steps } = await t.run([{ id: 'a', ...slow('no') }]);
  expect(steps['1.a']).toMatchObject({ status: 'failed', begins: 1, error: { code: 'tool_breaker_open' } });
  expect(called()).toBe(before);
  rest.fire();
  await expect.poll(() => figuresOf('test.slow')).toMatchObject({ breaker: 'half_open' });
  const { steps: probed } = await t.run([{ id: 'a', ...slow('no') }]);
  expect(probed['1.a']).toMatchObject({ status: 'completed' });
  await expect.poll(() => figuresOf('test.slow')).toMatchObject({ breaker: 'closed' });
  const after = await figuresOf('test.slow');
  expect(after?.success).toBeLessThan(0.5);
});

it('workers that come one after the other change no figure, and the last of them still knows what was measured', async () => {
  const rest = openTimer(REST_MS);
  for (let at = 0; at < 3; at += 1) await t.run([{ id: 'a', ...slow('throw'), retry: { max_tries: 1 } }]);
  rest.fire();
  await expect.poll(() => figuresOf('test.slow')).toMatchObject({ breaker: 'half_open' });
  const before = await figuresOf('test.slow');
  const others: Awaited<ReturnType<typeof t.start>>[] = [];
  for (let at = 0; at < 3; at += 1) others.push(await t.start());
  expect(await figuresOf('test.slow')).toEqual(before);
  const offers = Object.entries(await t.redis.hgetall(`${t.namespace}:tools`));
  for (const [worker, text] of offers)
    if ('test.slow' in JSON.parse(text).figures) await t.engine.withdrawTools(worker);
  const { calls = 0, ms = 0, success = 0 } = before ?? {};
  expect(await figuresOf('test.slow')).toMatchObject({ calls, ms, success, breaker: 'closed' });
  await Promise.all(others.map((other) => other.close()));
});
