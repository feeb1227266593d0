import { newRunId, type RunId } from '@planyard/contracts';
import { expect, test } from 'vitest';
import {
  completed,
  consumeAll,
  FAST,
  namespaceOf,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';

/** An engine of two partitions with a run in each; `fail` makes every script of the first one fail. */
function twoPartitions(settings: Partial<typeof FAST> = {}) {
  const t = testEngine({ settings: { ...FAST, ...settings, partitions: 2 } });
  const prefixOf = (partition: number) => `${namespaceOf(t)}:{p${partition}}:`;
  const recordIn = (partition: number) => ({ ...runRecord(), id: idIn(partition), partition });
  return {
    ...t,
    prefixOf,
    records: [recordIn(0), recordIn(1)] as const,
    fail: () => t.redis.hset(prefixOf(0), 'no', 'text'),
    mend: () => t.redis.del(prefixOf(0)),
  };
}

function idIn(partition: number): RunId {
  const id = newRunId(Date.now());
  return Number.parseInt(id.slice(-8), 16) % 2 === partition ? id : idIn(partition);
}

test('a partition that fails costs the leases of no other', async () => {
  const t = twoPartitions();
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const finish = Promise.withResolvers<void>();
  consumeAll(t, {
    steps: [{ id: 'a' }],
    async execute(step, { signal }) {
      begun[step.run_id === t.records[0].id ? 0 : 1]?.resolve();
      await finish.promise;
      return completed(signal.aborted);
    },
  });
  await Promise.all(t.records.map((record) => t.engine.submitRun(record)));
  await Promise.all(begun.map(({ promise }) => promise));
  await t.fail();
  const lease = async () =>
    Number(await t.redis.zscore(`${t.prefixOf(1)}leases`, `${t.records[1].id}:1|1.a`));
  const before = await lease();
  // Several times since.
  await expect.poll(lease).toBeGreaterThan(before + 3 * FAST.renew_ms);
  finish.resolve();
  await untilEnd(t.engine, t.records[1].id);
  expect((await t.engine.readStep(t.records[1].id, '1.a'))?.result?.value).toBe(false);
});

test('nor is what was lost in the others left, while the failure is told', async () => {
  const t = twoPartitions({ due_grace_ms: 0 });
  await Promise.all(t.records.map((record) => t.engine.submitRun(record)));
  await Promise.all(t.engine.queues().map((queue) => queue.obliterate({ force: true })));
  await t.fail();
  await expect(t.engine.reconcile()).rejects.toMatchObject({ code: 'internal' });
  consumeAll(t, { steps: [{ id: 'a' }] });
  await untilEnd(t.engine, t.records[1].id);

  await t.mend();
  expect(await t.engine.reconcile()).toMatchObject({ job_lost: 1 });
  await untilEnd(t.engine, t.records[0].id);
});

test('where there are more partitions than before, a run that belongs elsewhere now leaves nothing behind', async () => {
  const t = twoPartitions({ due_grace_ms: 0 });
  const [stays, moves] = t.records;
  const namespace = namespaceOf(t);
  const before = testEngine({ settings: { ...FAST, namespace, due_grace_ms: 0, partitions: 1 } });
  for (const run of [stays, moves]) await before.engine.submitRun({ ...run, partition: 0 });
  expect(await t.engine.reconcile()).toMatchObject({ moved: 1 });
  const left = async (set: string) => (await t.redis.zrange(`${t.prefixOf(0)}${set}`, '0', '-1')).join();
  expect(await left('open')).toBe(`${stays.id}:1`);
  expect(await left('due')).toBe(`${stays.id}:1|@plan`);
  expect(await t.redis.ttl(`${t.prefixOf(0)}run:${moves.id}`)).toBeGreaterThan(0);
  // As from Postgres, which knows it.
  consumeAll(t, { steps: [{ id: 'a' }] });
  await t.engine.submitRun({ ...moves, incarnation: 2 });
  expect((await untilEnd(t.engine, moves.id)).at(-1)?.type).toBe('run.completed');
});
