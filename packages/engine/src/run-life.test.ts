import { RunRequest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { ANSWER, admit, consumeAll, runRecord, testEngine, untilEnd } from './engine-harness.ts';

test('a cancelled run ends at once, and the step that runs is told', async () => {
  const t = testEngine();
  const started = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<string>();
  consumeAll(t, {
    steps: [{ id: 'a' }, { id: 'b', after: ['a'] }],
    execute: (_step, { signal }) => {
      started.resolve();
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          stopped.resolve(String(signal.reason.code));
          reject(signal.reason);
        }),
      );
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await started.promise;
  expect(await t.engine.cancelRun(record.id)).toBe(true);
  expect(await stopped.promise).toBe('aborted');
  expect((await untilEnd(t.engine, record.id)).at(-1)?.type).toBe('run.cancelled');
  expect((await t.engine.readSteps(record.id)).map((step) => `${step.status} ${step.reason}`)).toEqual([
    'aborted cancelled',
    'aborted cancelled',
  ]);
  expect(await t.engine.cancelRun(record.id)).toBe(false);
});

test('a replan is a new attempt that sees the first; the last one may only answer', async () => {
  const t = testEngine();
  const conclude: unknown[] = [];
  const seen: string[][] = [];
  consumeAll(t, {
    plan: async (phase) => {
      seen.push(phase.steps.map((step) => step.id));
      await phase.addSteps([
        admit(phase.attempt, { id: 'a', ...(phase.attempt > 1 ? { args: { x: { $from: '1.a' } } } : {}) }),
      ]);
      await phase.seal({ intent: '' });
    },
    join: async (phase) => {
      conclude.push(phase.must_conclude);
      if (phase.must_conclude) return phase.finish(ANSWER);
      await phase.replan('more');
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  expect(conclude).toEqual([null, null, 'attempts']);
  expect(seen).toEqual([[], ['1.a'], ['1.a', '2.a']]);
});

test('without a trace a run completes all the same; only its own events are told', async () => {
  const t = testEngine();
  consumeAll(t, { steps: [{ id: 'a' }, { id: 'b', after: ['a'] }] });
  const options = RunRequest.shape.options.parse({ trace: false });
  const record = runRecord({ options });
  await t.engine.submitRun(record);
  expect((await untilEnd(t.engine, record.id)).map((event) => event.type)).toEqual([
    'run.accepted',
    'run.completed',
  ]);
  expect((await t.engine.readSteps(record.id)).map((step) => step.status)).toEqual([
    'completed',
    'completed',
  ]);
});
