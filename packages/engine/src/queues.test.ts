import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { newRunId, QUEUE_NAMES } from '@planyard/contracts';
import { Redis } from 'ioredis';
import { expect, inject, it, onTestFinished } from 'vitest';
import { createKeys, refOf } from './keys.ts';
import { createQueues } from './queues.ts';

it('enqueues in a queue that was first used while Redis was not to be reached', async () => {
  // Refuses each command until it is connected.
  const redis = new Redis(inject('redisUrl'), { lazyConnect: true, enableOfflineQueue: false });
  const keys = createKeys({ namespace: `t${randomUUID().slice(0, 8)}`, partitions: 1 });
  const queues = createQueues(redis, keys, 1, QUEUE_NAMES, () => {});
  onTestFinished(async () => {
    await queues.close();
    redis.disconnect();
  });
  const ref = refOf({ run_id: newRunId(Date.now()), incarnation: 1 });
  const items = [{ what: '1.a', delivery: 1 }];
  const job = { ref, items, queue: 'tool-io', delay: 0, priority: 0, request_id: 'r' };

  const ready = once(redis, 'ready');
  await expect(queues.enqueue([job])).rejects.toThrow("isn't writeable");
  await ready;
  await queues.enqueue([job]);
  expect(await redis.llen(`${keys.queuePrefix(0)}:tool-io:wait`)).toBe(1);
});
