import { type RunId, stepId } from '@planyard/contracts';
import { expect, test } from 'vitest';
import {
  completed,
  consumeAll,
  endLeases,
  FAST,
  reconcileUntil,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';

test('of steps that end together one that cannot be settled is left alone, and runs again', async () => {
  const left: unknown[] = [];
  const t = testEngine({
    log: { warn: () => {}, error: (fields) => left.push(fields) },
    settings: FAST,
  });
  const [sick, sound] = [runRecord(), runRecord()] as const;
  const begun: RunId[] = [];
  const bothBegun = Promise.withResolvers<void>();
  consumeAll(t, {
    steps: [{ id: 'a' }],
    async execute(step) {
      begun.push(step.run_id);
      if (begun.length === 2) bothBegun.resolve();
      await ended.promise;
      return completed(1);
    },
  });
  const ended = Promise.withResolvers<void>();
  await Promise.all([sick, sound].map((run) => t.engine.submitRun(run)));
  await bothBegun.promise;
  const [sickMeta] = await t.redis.keys(`*${sick.id}:1:meta`);
  await t.redis.hset(sickMeta as string, 'bytes', 'not a number');
  ended.resolve();

  const events = await untilEnd(t.engine, sound.id);
  expect(events.at(-1)?.type).toBe('run.completed');
  expect(left).toMatchObject([{ run_id: sick.id, step_id: stepId(1, 'a'), err: { code: 'internal' } }]);

  await t.redis.hset(sickMeta as string, 'bytes', '0');
  await endLeases(t, '1.a');
  const end = untilEnd(t.engine, sick.id);
  await reconcileUntil(t.engine, end);
  expect((await end).at(-1)?.type).toBe('run.completed');
  expect(begun.toSorted()).toEqual([sick.id, sick.id, sound.id].toSorted());
});

test('nor does it stop them when its outcome is no JSON', async () => {
  const left: unknown[] = [];
  const t = testEngine({
    log: { warn: () => {}, error: (fields) => left.push(fields) },
    settings: FAST,
  });
  const begun: string[] = [];
  const bothBegun = Promise.withResolvers<void>();
  consumeAll(t, {
    steps: [{ id: 'sick' }, { id: 'sound' }],
    async execute({ step }) {
      begun.push(step);
      if (begun.length === 2) bothBegun.resolve();
      await bothBegun.promise;
      return completed(1, step === '1.sick' && begun.length === 2 ? { count: 1n } : {});
    },
  });
  const run = runRecord();
  await t.engine.submitRun(run);
  const end = untilEnd(t.engine, run.id);
  await expect.poll(() => left).toHaveLength(1);
  await endLeases(t, '1.sick');
  await reconcileUntil(t.engine, end);
  expect((await end).at(-1)?.type).toBe('run.completed');
  expect(left).toMatchObject([{ step_id: '1.sick', err: { name: 'TypeError' } }]);
  expect(begun.toSorted()).toEqual(['1.sick', '1.sick', '1.sound']);
});
