import { setTimeout as wait } from 'node:timers/promises';
import { QUEUE_NAMES } from '@planyard/contracts';
import type { Connection } from '@planyard/engine';

/** What is left in any queue, due set or slot count once all runs have ended; empty when all is well. */
export async function leftovers(
  redis: Connection,
  partitions: number,
  withinMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const until = Date.now() + withinMs;
  for (;;) {
    const left = await look(redis, partitions);
    if (left.length === 0 || Date.now() > until) return left;
    await wait(250, undefined, { signal });
  }
}

async function look(redis: Connection, partitions: number): Promise<string[]> {
  const left: string[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    const prefix = `py:{p${partition}}:`;
    for (const set of ['due', 'leases', 'deadlines', 'approvals', 'open']) {
      const members = await redis.zrange(`${prefix}${set}`, '0', '2');
      if (members.length > 0) left.push(`${set} holds ${members.join(', ')}`);
    }
    for (const queue of QUEUE_NAMES) {
      const counts = {
        waiting: await redis.llen(`${prefix}${queue}:wait`),
        active: await redis.llen(`${prefix}${queue}:active`),
        delayed: await redis.zcard(`${prefix}${queue}:delayed`),
        prioritized: await redis.zcard(`${prefix}${queue}:prioritized`),
        failed: await redis.zcard(`${prefix}${queue}:failed`),
      };
      for (const [state, count] of Object.entries(counts))
        if (count > 0) left.push(`queue ${queue} has ${count} ${state}`);
    }
    const slots = await redis.hgetall(`${prefix}slots`);
    for (const [slot, count] of Object.entries(slots))
      if (count !== '0') left.push(`slot ${slot} is at ${count}`);
  }
  return left;
}
