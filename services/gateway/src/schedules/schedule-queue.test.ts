import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { newScheduleId } from '@planyard/contracts';
import { createLogger } from '@planyard/runtime';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createScheduleQueue } from './schedule-queue.ts';

test('a schedule is due by a queue that was first used while Redis was not to be reached', async () => {
  // Refuses each command until it is connected.
  const redis = new Redis(inject('redisUrl'), { lazyConnect: true, enableOfflineQueue: false });
  const log = createLogger({ service: 'test', level: 'silent' });
  const queue = createScheduleQueue(redis, `t${randomUUID().slice(0, 8)}`, log);
  onTestFinished(async () => {
    await queue.close();
    redis.disconnect();
  });
  const schedule = { id: newScheduleId(Date.now()), cron: '0 9 * * *', timezone: 'UTC' };
  const ready = once(redis, 'ready');
  await expect(queue.add(schedule)).rejects.toThrow("isn't writeable");
  await ready;
  await queue.add(schedule);
  expect([...(await queue.list()).keys()]).toEqual([schedule.id]);
});
