import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ANSWER, admit, completed, consumeAll, runRecord, testEngine, untilEnd } from '../engine-harness.ts';

const DAY_MS = 86_400_000;

test('the limits of an agent hold also where the first planner died before it told who plans', async () => {
  const t = testEngine();
  const budgets: unknown[] = [];
  consumeAll(t, {
    async plan(phase) {
      if (phase.attempt === 1) throw new Error('the planner dies');
      const started = await phase.started({ planner: 'test', budget: { steps: 2, cost_usd: 1 } });
      budgets.push(started.budget);
      await phase.sealWith([admit(2, { id: 'a' })], { intent: 'i' });
    },
    async join(phase) {
      budgets.push(phase.budget);
      await phase.finish(ANSWER);
    },
    execute: () => completed(1),
  });
  const record = runRecord({ budget: { steps: 5 } });
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  const narrowed = { steps: 2, cost_usd: 1 };
  expect(budgets).toEqual([narrowed, narrowed]);
});

test('a time limit longer than timers can be ends nothing early', async () => {
  const t = testEngine();
  const aborted: boolean[] = [];
  consumeAll(t, {
    async plan(phase) {
      const started = await phase.started({ planner: 'test' });
      // A timer set later has fired: one that was too long would have fired before it.
      await once(AbortSignal.timeout(1), 'abort');
      aborted.push(phase.signal.aborted, started.signal.aborted);
      await phase.sealWith([admit(1, { id: 'a' })], { intent: 'i' });
    },
    execute: () => completed(1),
  });
  const record = runRecord({ budget: { ms: 40 * DAY_MS } });
  await t.engine.submitRun(record);
  expect((await untilEnd(t.engine, record.id)).at(-1)?.type).toBe('run.completed');
  expect(aborted).toEqual([false, false]);
});
