import type { RunEvent } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { ANSWER, consumeAll, namespaceOf, PATIENCE, runRecord, testEngine } from './engine-harness.ts';
import type { SeenEvent } from './follow-events.ts';

const TOLD = [1, 2, '3 a'];

/** Follows a run into whose answer Redis crashes and takes back the last piece, number 4; the next one gets its number. */
async function follow(client: 'stays' | 'comes back before' | 'comes back after') {
  const t = testEngine();
  const goOn = Promise.withResolvers<void>();
  const wentOn = Promise.withResolvers<void>();
  consumeAll(t, {
    async plan(phase) {
      await phase.started({ planner: 'test' });
      await phase.answerDelta('a');
      await phase.answerDelta('b');
      await goOn.promise;
      await phase.answerDelta('c');
      wentOn.resolve();
      await phase.finish(ANSWER);
    },
  });
  const record = runRecord();
  const { id } = record;
  await t.engine.submitRun(record);

  const told: (string | number)[] = [];
  const all = Promise.withResolvers<RunEvent>();
  const take = async (after: SeenEvent) => {
    for await (const event of t.engine.followEvents(id, after, PATIENCE())) {
      told.push(event.type === 'answer.delta' ? `${event.number} ${event.data.text}` : event.number);
      if (event.number === 4) all.resolve(event);
      if (client !== 'stays' && event.number === 4) return;
    }
  };
  const first = take(0);
  const last = await all.promise;
  expect(told.splice(0)).toEqual([...TOLD, '4 b']);

  const key = `${namespaceOf(t)}:{p0}:r:${id}:1`;
  await t.redis.xdel(`${key}:events`, '4-0');
  await t.redis.call('XSETID', `${key}:events`, '3-0');
  await t.redis.hset(`${key}:meta`, 'seq', 3);
  // No two events of that number at the same time.
  const isLater = async () => {
    const [seconds = 0, micros = 0] = (await t.redis.time()).map(Number);
    return seconds * 1_000 + micros / 1_000 > Date.parse(last.at) + 1;
  };
  await expect.poll(isLater).toBe(true);

  if (client === 'comes back after') {
    goOn.resolve();
    await wentOn.promise;
  }
  const second = client === 'stays' ? first : take(last);
  goOn.resolve();
  await second;
  return told;
}

test.each(['stays', 'comes back before', 'comes back after'] as const)(
  'a follower that is ahead of what Redis held after a crash is told the run from its start: it %s',
  async (client) => {
    expect((await follow(client)).slice(0, 4)).toEqual([...TOLD, '4 c']);
  },
);
