import { expect, test } from 'vitest';
import {
  completed,
  consumeAll,
  FAST,
  namespaceOf,
  reconcileUntil,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';

/** An engine, and how many inboxes are open for its steps. */
function withInboxes(settings = {}) {
  const t = testEngine({ settings });
  const prefix = `${namespaceOf(t)}:{p0}:`;
  const open = () => t.redis.zcard(`${prefix}inboxes:tool-io`);
  /** How many jobs have passed through the queue. */
  const queued = async () => Number(await t.redis.get(`${prefix}tool-io:id`));
  return { ...t, prefix, open, queued };
}

/** Opens inboxes of workers that are gone; gives until when each of them that was not used is open. */
async function openDead({ redis, prefix }: ReturnType<typeof withInboxes>, count: number) {
  const key = `${prefix}inboxes:tool-io`;
  const ids = Array.from({ length: count }, (_, at) => `dead-${at}`);
  await redis.zadd(key, ...ids.flatMap((id) => [Date.now() + 60_000, id]));
  return () => redis.zmscore(key, ...ids);
}

test('steps that an idle worker waits for pass through no queue', async () => {
  const t = withInboxes();
  consumeAll(t, { steps: [{ id: 'a' }] });
  await expect.poll(t.open).toBe(1);
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  expect(await t.queued()).toBe(0);
  expect((await t.engine.readStep(record.id, '1.a'))?.status).toBe('completed');
});

test('where fewer workers are idle than there are jobs, all go through the queue', async () => {
  const t = withInboxes();
  consumeAll(t, { steps: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], concurrency: 0 });
  await openDead(t, 1);
  await t.engine.submitRun(runRecord());
  await expect.poll(t.queued).toBe(2);
  expect(await t.open()).toBe(1);
});

test('steps that there is no place for go on to the queue', async () => {
  const t = withInboxes(FAST);
  consumeAll(t, { steps: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], concurrency: 1 });
  await openDead(t, 1);
  await expect.poll(t.open).toBe(2);
  const record = runRecord();
  await t.engine.submitRun(record);
  await reconcileUntil(t.engine, untilEnd(t.engine, record.id));
  expect((await t.engine.readSteps(record.id)).map(({ status, begins }) => [status, begins])).toEqual(
    Array(3).fill(['completed', 1]),
  );
  expect(await t.queued()).toBeGreaterThan(0);
});

test('a dead worker that waited costs a step no more than its due record takes', async () => {
  const t = withInboxes(FAST);
  const dead = await openDead(t, 4);
  consumeAll(t, { steps: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], concurrency: 0 });
  const record = runRecord();
  await t.engine.submitRun(record);
  await expect.poll(t.open).toBe(2);
  t.close(
    t.engine.consumeSteps(async () => completed('done'), {
      classes: ['io'],
      concurrency: 5,
      worker: 'alive',
    }),
  );
  await reconcileUntil(t.engine, untilEnd(t.engine, record.id));
  expect((await t.engine.readSteps(record.id)).map(({ begins }) => begins)).toEqual([1, 1, 1]);
  // What was lost once went through the queue.
  expect((await dead()).filter((score) => score !== null)).toHaveLength(2);
});

test('nothing overtakes what waits in the queue', async () => {
  const t = withInboxes();
  consumeAll(t, { steps: [{ id: 'a' }], concurrency: 0 });
  await t.engine.submitRun(runRecord());
  await expect.poll(t.queued).toBe(1);
  await openDead(t, 1);
  await t.engine.submitRun(runRecord());
  await expect.poll(t.queued).toBe(2);
  expect(await t.open()).toBe(1);
});

test('nothing passes a paused queue', async () => {
  const t = withInboxes();
  await t.engine
    .queues()
    .find(({ name }) => name === 'tool-io')
    ?.pause();
  await openDead(t, 1);
  consumeAll(t, { steps: [{ id: 'a' }], concurrency: 0 });
  await t.engine.submitRun(runRecord());
  await expect.poll(t.queued).toBe(1);
  expect(await t.open()).toBe(1);
});

test('a worker that another queue has filled waits in none', async () => {
  const t = withInboxes();
  const over = Promise.withResolvers<void>();
  consumeAll(t, { steps: [{ id: 'a' }], concurrency: 0 });
  t.close(
    t.engine.consumeSteps(
      async () => {
        await over.promise;
        return completed('done');
      },
      { classes: ['io', 'model'], concurrency: 1, worker: 'busy' },
    ),
  );
  await expect.poll(t.open).toBe(1);
  const record = runRecord();
  await t.engine.submitRun(record);
  await expect.poll(() => t.redis.zcard(`${t.prefix}inboxes:tool-model`)).toBe(0);
  over.resolve();
  await untilEnd(t.engine, record.id);
});

test('an inbox that nobody closed is forgotten', async () => {
  const t = withInboxes();
  const key = `${t.prefix}inboxes:tool-io`;
  await t.redis.zadd(key, Date.now() - 1, 'dead');
  consumeAll(t, {});
  await expect.poll(t.open).toBeGreaterThan(0);
  await expect.poll(() => t.redis.zscore(key, 'dead')).toBe(null);
});

test('a worker that closes waits for nothing more', async () => {
  const t = withInboxes();
  const consumer = t.engine.consumeSteps(async () => completed('done'), {
    classes: ['io'],
    concurrency: 5,
    worker: 'closing',
  });
  await expect.poll(t.open).toBe(1);
  await consumer.close(0);
  expect(await t.open()).toBe(0);
});
