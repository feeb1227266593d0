import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { QueueName, RunStepJob } from '@planyard/contracts';
import { type EngineContext, runScript } from './context.ts';
import { createOwnConnection } from './own-connection.ts';
import type { Places } from './places.ts';
import { stepJobOf } from './queues.ts';
import { releasedJob } from './scripts.ts';

const WAIT_S = 2;
/** Longer than the worker waits: it opens the inbox again before. A dead worker's is used once at most. */
const OPEN_MS = (WAIT_S + 1) * 1_000;
const PAUSE_MS = 5_000;
/** Under load a worker has nothing to do for less than this, many hundred times a second. */
const IDLE_MS = 5;

/**
 * Where an idle worker gets jobs from at once: a script that releases steps puts them there, and neither its caller's
 * trip to BullMQ nor the two that bring a job from there are needed. BullMQ has what no idle worker waits for, and
 * what is lost on this way: the due record of a step tells.
 */
export function waitInInbox(
  context: EngineContext,
  partition: number,
  queues: readonly QueueName[],
  deps: { places: Pick<Places, 'untilIdle' | 'isIdle'>; received: (job: RunStepJob) => void },
): { close(): Promise<void> } {
  const { keys, log } = context;
  const prefix = keys.prefix(partition);
  const id = randomUUID();
  const connection = createOwnConnection(context.workerRedis, (error) =>
    log.warn({ err: error }, 'no steps past the queues'),
  );
  const closing = new AbortController();
  const { signal } = closing;

  async function next(): Promise<void> {
    do {
      await deps.places.untilIdle();
      await delay(IDLE_MS, undefined, { signal });
    } while (!deps.places.isIdle());
    await runScript(context, context.redis, 'open-inbox', prefix, [id, OPEN_MS, ...queues]);
    try {
      const found = await connection.blpop(keys.inbox(partition, id), WAIT_S);
      if (found) deps.received(stepJobOf(releasedJob(JSON.parse(found[1]))));
    } finally {
      // It is still open for other queues, and nobody looks into it until this worker is idle again, or ever when it closes.
      await withdraw();
    }
  }

  const withdraw = () =>
    Promise.all(queues.map((queue) => context.redis.zrem(keys.inboxes(partition, queue), id)));

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      try {
        await next();
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'no steps past the queues');
        await delay(PAUSE_MS, undefined, { signal }).catch(() => {});
      }
    }
  }
  const waiting = loop();

  return {
    /** Takes nothing more. */
    async close() {
      closing.abort();
      await withdraw().catch((error) => log.warn({ err: error }, 'an inbox stays open for a while'));
      connection.disconnect();
      await waiting;
    },
  };
}
