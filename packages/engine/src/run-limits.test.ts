import { LIMITS } from '@planyard/contracts';
import { expect, test } from 'vitest';
import {
  ANSWER,
  admit,
  completed,
  consumeAll,
  namespaceOf,
  reconcileUntil,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';

test('past its deadline a run concludes with what it has', async () => {
  const t = testEngine();
  const conclude: unknown[] = [];
  consumeAll(t, {
    steps: [{ id: 'quick' }, { id: 'slow' }],
    execute: (step, { signal }) =>
      step.step === '1.quick'
        ? completed('evidence')
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    join: async (phase) => {
      conclude.push(phase.must_conclude, ...phase.steps.map((step) => `${step.status}:${step.reason ?? ''}`));
      await phase.finish({ ...ANSWER, status: 'partial' });
    },
  });
  const record = runRecord({ budget: { ms: 60_000 } });
  await t.engine.submitRun(record);
  const end = untilEnd(t.engine, record.id);
  const statuses = async () => (await t.engine.readSteps(record.id)).map(({ status }) => status);
  await expect.poll(statuses).toEqual(['completed', 'running']);
  await t.redis.zadd(`${namespaceOf(t)}:{p0}:deadlines`, 'XX', 1, `${record.id}:1`);
  await reconcileUntil(t.engine, end);
  expect((await end).at(-1)?.type).toBe('run.partial');
  expect(conclude).toEqual(['deadline', 'completed:', 'aborted:deadline']);
});

test('caps hold for a run, a tenant and a tool, and nothing is left behind by them', async () => {
  for (const caps of [{ run_in_flight: 3 }, { tenant_in_flight: 3 }, { tool: 3 }]) {
    const { tool, ...settings } = { tool: undefined, ...caps } as { tool?: number };
    const t = testEngine({ settings });
    let inFlight = 0;
    let most = 0;
    consumeAll(t, {
      steps: Array.from({ length: 20 }, (_, index) => ({ id: `s${index}` })),
      dispatch: tool ? { max_in_flight: tool } : {},
      execute: async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        return completed(1);
      },
    });
    const record = runRecord();
    await t.engine.submitRun(record);
    await untilEnd(t.engine, record.id);
    expect(most).toBeLessThanOrEqual(3);
    const slots = await t.redis.hvals(`${namespaceOf(t)}:{p0}:slots`);
    expect(slots.every((count) => count === '0')).toBe(true);
  }
});

test('a worker runs as many steps as it may, and a quarter more, whatever comes at once', async () => {
  const t = testEngine();
  const ids = Array.from({ length: 4 }, (_, index) => `s${index}`);
  consumeAll(t, {
    concurrency: 0,
    steps: ids.flatMap((id) => [{ id }, ...ids.map((next) => ({ id: `${id}${next}`, after: [id] }))]),
  });
  const records = ids.map(() => runRecord());
  await Promise.all(records.map((record) => t.engine.submitRun(record)));
  for (const { id } of records)
    await expect.poll(async () => (await t.engine.readRun(id))?.status).toBe('executing');
  let running = 0;
  let most = 0;
  t.close(
    t.engine.consumeSteps(
      async () => {
        most = Math.max(most, ++running);
        await t.redis.ping();
        running -= 1;
        return completed(1);
      },
      { classes: ['io'], concurrency: 4, worker: 'test' },
    ),
  );
  await Promise.all(records.map(({ id }) => untilEnd(t.engine, id)));
  expect(most).toBeGreaterThanOrEqual(4);
  expect(most).toBeLessThanOrEqual(5);
});

test('what the graph refuses, it refuses whole and by name', async () => {
  const t = testEngine();
  const codes: unknown[] = [];
  const refused = (promise: Promise<void>) =>
    promise.then(() => codes.push('accepted')).catch((error) => codes.push(error.code));
  consumeAll(t, {
    plan: async (phase) => {
      await refused(phase.addSteps([admit(1, { id: 'a' }), admit(1, { id: 'b', after: ['ghost'] })]));
      await refused(phase.addSteps([admit(1, { id: 'a' }), admit(1, { id: 'a' })]));
      await refused(
        phase.addSteps(
          Array.from({ length: LIMITS.steps_per_plan + 1 }, (_, n) => admit(1, { id: `s${n}` })),
        ),
      );
      const chain = Array.from({ length: LIMITS.graph_depth + 1 }, (_, n) =>
        admit(1, { id: `c${n}`, after: n ? [`c${n - 1}`] : [] }),
      );
      await refused(phase.addSteps(chain));
      await refused(phase.addSteps([admit(1, { id: 'big', args: { x: 'x'.repeat(LIMITS.args_bytes) } })]));
      await refused(phase.addSteps([admit(1, { id: 'self', after: ['self'] })]));
      await phase.seal({ intent: '' });
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  expect(codes).toEqual([
    'unknown_step',
    'duplicate_step',
    'plan_too_large',
    'plan_too_deep',
    'args_too_large',
    'unknown_step',
  ]);
  expect(await t.engine.readSteps(record.id)).toEqual([]);
});

test('a budget of steps and a cap on open runs are refused by name', async () => {
  const t = testEngine({ settings: { open_runs_cap: 1 } });
  const record = runRecord({ budget: { steps: 1 } });
  await t.engine.submitRun(record);
  await t.engine.submitRun(record);
  await expect(t.engine.submitRun(runRecord())).rejects.toMatchObject({ code: 'overloaded', retryAfter: 5 });
  let refused: unknown;
  consumeAll(t, {
    plan: async (phase) => {
      refused = await phase.addSteps([admit(1, { id: 'a' }), admit(1, { id: 'b' })]).catch((error) => error);
      await phase.seal({ intent: '' });
    },
  });
  await untilEnd(t.engine, record.id);
  expect(refused).toMatchObject({ code: 'budget_exceeded', message: expect.stringContaining('"1.b"') });
  expect(await t.engine.openRuns()).toBe(0);
});
