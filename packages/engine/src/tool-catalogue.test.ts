import { randomUUID } from 'node:crypto';
import { ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import type { WorkerStanding } from './api.ts';
import { testEngine } from './engine-harness.ts';

function tool(name: string, description = 'Does it'): ToolManifest {
  return ToolManifest.parse({
    name,
    description,
    input_schema: {},
    output_schema: {},
    effects: 'read',
    idempotent: true,
    timeout_ms: 1_000,
    profile: { accuracy: 1, complexity: 'low' },
  });
}

const measured = (more: object = {}) => ({
  calls: 10,
  ms: 100,
  success: 1,
  cached: 0,
  breaker: 'closed' as const,
  ...more,
});

test('readers get the same manifests, as objects, until what workers offer has changed', async () => {
  const { engine } = testEngine();
  const own = [tool('a.one'), tool('a.two')];
  await engine.publishTools('w1', own, 60_000);
  const first = await engine.listTools();
  await engine.publishTools('w2', [...own], 60_000);
  expect(await engine.listTools()).toBe(first);
  await engine.publishTools('w2', [tool('b.three')], 60_000);
  const changed = await engine.listTools();
  expect(changed.map(({ name }) => name)).toEqual(['a.one', 'a.two', 'b.three']);
  expect(changed[0]).toBe(first[0]);
  await engine.withdrawTools('w1');
  expect((await engine.listTools()).map(({ name }) => name)).toEqual(['b.three']);
});

test('an offer that has run out, or that nobody can read, counts for nothing; manifests that are lost come back', async () => {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const { engine, redis } = testEngine({ settings: { namespace } });
  const manifests = [tool('a.one')];
  await engine.publishTools('late', manifests, -1);
  expect(await engine.listTools()).toEqual([]);
  await engine.publishTools('w1', manifests, 60_000);
  const hash = `${namespace}:tools`;
  const [key = ''] = await redis.keys(`${hash}:*`);
  await redis.hset(hash, 'odd', '{"until": 9e15}');
  expect(await engine.listTools()).toHaveLength(1);
  expect(await redis.hkeys(hash)).toEqual(['w1']);
  await redis.del(key);
  await engine.publishTools('w1', manifests, 60_000);
  expect(await redis.exists(key)).toBe(1);
});

test('figures of all workers are one: averages by calls, load by places and what waits', async () => {
  const { engine } = testEngine();
  const manifests = [tool('a.one'), tool('a.two')];
  const figuresOf = async (name: string) => (await engine.offeredTools()).figures.get(name);
  const stand = (running: number, one: object, two: object) => ({
    running,
    places: 10,
    figures: { 'a.one': measured(one), 'a.two': measured(two) },
    before: {},
  });
  await engine.publishTools('w1', manifests, 60_000, stand(5, {}, { breaker: 'open' }));
  expect(await figuresOf('a.two')).toMatchObject({ breaker: 'open' });
  await engine.publishTools(
    'w2',
    manifests,
    60_000,
    stand(0, { calls: 30, ms: 500, success: 0.5 }, { breaker: 'half_open' }),
  );
  expect(await figuresOf('a.one')).toEqual({
    calls: 40,
    ms: 400,
    success: 0.625,
    cached: 0,
    breaker: 'closed',
    load: 0.25,
  });
  expect(await figuresOf('a.two')).toMatchObject({ breaker: 'half_open' });
  await engine.publishTools('w3', manifests, 60_000, stand(0, {}, {}));
  // One worker that can call it is enough.
  expect(await figuresOf('a.two')).toMatchObject({ breaker: 'closed' });
});

test('what a worker found when it came counts for the calls of those that left, and for no others', async () => {
  const { engine } = testEngine();
  const manifests = [tool('a.one')];
  const found = async () => (await engine.offeredTools()).figures.get('a.one');
  const stand = (own: object | null, before: object | null): WorkerStanding => ({
    running: 0,
    places: 10,
    figures: own ? { 'a.one': measured(own) } : {},
    before: before ? { 'a.one': { calls: 10, ms: 100, success: 1, cached: 0, ...before } } : {},
  });
  await engine.publishTools('w1', manifests, 60_000, stand({ breaker: 'half_open' }, null));
  await engine.publishTools('w2', manifests, 60_000, stand(null, {}));
  expect(await found()).toMatchObject({ calls: 10, ms: 100, breaker: 'half_open' });
  await engine.publishTools('w3', manifests, 60_000, stand({ calls: 2, ms: 600 }, {}));
  expect(await found()).toMatchObject({ calls: 12, breaker: 'closed' });
  await engine.withdrawTools('w1');
  expect(await found()).toMatchObject({ calls: 10, ms: (2 * 600 + 8 * 100) / 10 });
});
