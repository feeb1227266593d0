import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { newRunId, QUEUE_NAMES } from '@planyard/contracts';
import { Redis } from 'ioredis';
import { expect, inject, it, onTestFinished } from 'vitest';
import { createKeys, refOf } from './keys.ts';
import { createQueues } from './queues.ts';

/** The way to the real Redis, closed at first. */
async function openGate() {
  const { hostname, port } = new URL(inject('redisUrl'));
  const gate = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const address = gate.address() as AddressInfo;
  gate.close();
  await once(gate, 'close');
  const url = new URL(inject('redisUrl'));
  url.port = String(address.port);
  onTestFinished(() => void gate.close());
  return { url: url.href, open: () => void gate.listen(address.port, '127.0.0.1') };
}

it('enqueues when Redis is back, in a queue that was first asked for while it was away', async () => {
  const gate = await openGate();
  const redis = new Redis(gate.url, { maxRetriesPerRequest: 1, retryStrategy: () => 20 });
  redis.on('error', () => {});
  const keys = createKeys({ namespace: `t${randomUUID().slice(0, 8)}`, partitions: 1 });
  const queues = createQueues(redis, keys, 1, QUEUE_NAMES, () => {});
  onTestFinished(async () => {
    await queues.close();
    redis.disconnect();
  });
  const ref = refOf({ run_id: newRunId(Date.now()), incarnation: 1 });
  const job = {
    ref,
    items: [{ what: '1.a', delivery: 1 }],
    queue: 'tool-io',
    delay: 0,
    priority: 0,
    request_id: 'r',
  };

  await expect(queues.enqueue([job])).rejects.toThrow('max retries');
  const ready = once(redis, 'ready');
  gate.open();
  await ready;
  await queues.enqueue([job]);
  expect(await redis.llen(`${keys.queuePrefix(0)}:tool-io:wait`)).toBe(1);
});
