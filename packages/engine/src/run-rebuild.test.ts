import { isRunEnd, type RunEvent } from '@planyard/contracts';
import { expect, test } from 'vitest';
import {
  ANSWER,
  completed,
  consumeAll,
  FAST,
  namespaceOf,
  PATIENCE,
  reconcileUntil,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';

test('a rebuilt run has the next incarnation; the old one’s jobs are refused and its numbers stay behind', async () => {
  const t = testEngine();
  const record = runRecord();
  await t.engine.submitRun(record);
  const ref = { run_id: record.id, incarnation: 2 };
  expect(await t.engine.missingRuns([ref])).toEqual([ref]);
  await t.engine.submitRun({ ...record, incarnation: 2 });
  expect(await t.engine.missingRuns([ref])).toEqual([]);
  consumeAll(t, { steps: [{ id: 'a' }] });
  const events: RunEvent[] = await untilEnd(t.engine, record.id);
  expect(events[0]?.number).toBe(1_000_001);
});

test('a run whose state is gone, or is none, is missing, also where its incarnation is known, and rebuilt; what cannot be read keeps no other from being missed', async () => {
  const logged: object[] = [];
  const log = { warn: () => {}, error: (fields: object) => void logged.push(fields) };
  const t = testEngine({ log });
  const [whole, gone, broken, lost] = [runRecord(), runRecord(), runRecord(), runRecord()];
  const ref = ({ id }: { id: string }) => ({ run_id: id, incarnation: 1 });
  for (const record of [whole, gone, broken, lost]) await t.engine.submitRun(record);
  const prefix = `${namespaceOf(t)}:{p0}:`;
  await t.redis.del(`${prefix}r:${gone.id}:1:meta`);
  await t.redis.set(`${prefix}r:${broken.id}:1:meta`, 'no hash');
  await t.redis.del(`${prefix}run:${lost.id}`);
  await t.redis.hset(`${prefix}run:${lost.id}`, 'no', 'number');
  const missing = await t.engine.missingRuns([broken, lost, whole, gone].map(ref));
  expect(missing).toEqual([ref(broken), ref(gone)]);
  expect(logged).toMatchObject([{ run_id: lost.id }]);
  await t.engine.submitRun({ ...broken, incarnation: 2 });
  consumeAll(t, { steps: [{ id: 'a' }] });
  expect((await untilEnd(t.engine, broken.id)).at(-1)?.type).toBe('run.completed');
  await t.engine.reconcile();
  expect(await t.redis.zscore(`${prefix}open`, `${broken.id}:1`)).toBeNull();
});

test('a run that two processes submit as two incarnations lives once: the earlier one ends where it is', async () => {
  const t = testEngine({ settings: FAST });
  const record = runRecord();
  const began = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<unknown>();
  const joined: number[] = [];
  consumeAll(t, {
    steps: [{ id: 'a' }, { id: 'b', after: ['a'] }],
    join: (phase) => {
      joined.push(phase.incarnation);
      return phase.finish(ANSWER);
    },
    execute: async ({ incarnation, step }, { signal }) => {
      if (incarnation === 2 || step !== '1.a') return completed(incarnation);
      signal.addEventListener('abort', () => lost.resolve(signal.reason));
      began.resolve();
      await lost.promise;
      return completed('too late');
    },
  });
  await t.engine.submitRun(record);
  const patience = PATIENCE();
  const earlier = Array.fromAsync(t.engine.followEvents(record.id, 0, patience));
  await began.promise;
  await t.engine.submitRun({ ...record, incarnation: 2 });
  await t.engine.submitRun(record);
  // The message tells, or the next renewal of its lease.
  expect(await lost.promise).toMatchObject({ code: expect.stringMatching(/^(aborted|stale)$/) });
  expect((await earlier).some(({ type }) => isRunEnd(type))).toBe(false);
  expect(patience.aborted).toBe(false);
  await reconcileUntil(t.engine, untilEnd(t.engine, record.id));
  expect(joined).toEqual([2]);
  const prefix = `${namespaceOf(t)}:{p0}:`;
  for (const set of ['open', 'due', 'leases', 'deadlines'])
    expect(await t.redis.zrange(`${prefix}${set}`, '0', '-1'), set).toEqual([]);
  expect(await t.redis.hgetall(`${prefix}slots`)).toEqual({ 'tenant:default': '0' });
  expect(await t.redis.pttl(`${prefix}r:${record.id}:1:meta`)).toBeGreaterThan(0);
});
