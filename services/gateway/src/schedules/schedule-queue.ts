import { FireScheduleJob, SCHEDULE_QUEUE, type ScheduleId } from '@planyard/contracts';
import { type Connection, isConnectionError } from '@planyard/engine';
import type { Logger } from '@planyard/runtime';
import { Queue, Worker } from 'bullmq';
import type { CronTimes } from './cron-times.ts';

/** When schedules are due next, in BullMQ. Postgres says which there are: all of this can be made again from that. */
export interface ScheduleQueue {
  /** For dashboards. */
  queue: Queue;
  /** Makes its next time due. */
  add(schedule: CronTimes & { id: ScheduleId }): Promise<void>;
  /** It is never due again. */
  remove(id: ScheduleId): Promise<void>;
  /** Which are due at all, and when next, in milliseconds since the epoch. */
  list(): Promise<Map<ScheduleId, number>>;
  close(): Promise<void>;
}

/** Tries of a time at which no run can be accepted, such as at the cap on open runs. */
const TRIES = 8;
const FIRST_RETRY_MS = 1_000;
const LOCK_MS = 10_000;

export function createScheduleQueue(redis: Connection, namespace: string, log: Logger): ScheduleQueue {
  const queue = new Queue(SCHEDULE_QUEUE, {
    connection: redis,
    prefix: prefixOf(namespace),
    streams: { events: { maxLen: 10 } },
    // As the engine's queues: a Redis that is away now must not be missed for ever.
    skipWaitingForReady: true,
    skipVersionCheck: true,
  });
  queue.on('error', (err) => {
    if (!isConnectionError(err)) log.warn({ err }, 'schedule queue');
  });
  return {
    queue,
    async add({ id, cron, timezone }) {
      const data: FireScheduleJob = { schedule_id: id };
      await queue.upsertJobScheduler(
        id,
        { pattern: cron, tz: timezone },
        {
          name: 'fire-schedule',
          data,
          opts: {
            attempts: TRIES,
            backoff: { type: 'exponential', delay: FIRST_RETRY_MS },
            removeOnComplete: true,
            removeOnFail: true,
          },
        },
      );
    },
    async remove(id) {
      await queue.removeJobScheduler(id);
    },
    async list() {
      const schedulers = await queue.getJobSchedulers(0, -1);
      return new Map(schedulers.map(({ key, next }) => [key, next ?? 0]));
    },
    close: () => queue.close(),
  };
}

/** Takes the times that are due; each goes to one of the gateways. `last`: it is not tried again. */
export function takeDueTimes(
  redis: Connection,
  namespace: string,
  log: Logger,
  fire: (id: ScheduleId, dueMs: number, last: boolean) => Promise<void>,
): { close(graceMs: number): Promise<void> } {
  const worker = new Worker(
    SCHEDULE_QUEUE,
    async (job) => {
      const { schedule_id } = FireScheduleJob.parse(job.data);
      await fire(schedule_id, job.opts.prevMillis ?? job.timestamp, job.attemptsMade + 1 >= TRIES);
    },
    {
      connection: redis,
      prefix: prefixOf(namespace),
      concurrency: 4,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      // A gateway that dies in the middle is no reason to lose a time: another one takes it.
      maxStalledCount: 100,
    },
  );
  worker.on('error', (err) => {
    if (!isConnectionError(err)) log.warn({ err }, 'schedule worker');
  });
  worker.on('failed', (job, err) =>
    log.warn({ err, schedule_id: job?.data?.schedule_id }, 'a schedule is tried again'),
  );
  return {
    async close(graceMs) {
      // Without Redis it cannot end what it has in hand. What is left runs out of its lock, and another gateway takes it.
      const closed = worker.close().then(() => true);
      const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), graceMs).unref());
      if (!(await Promise.race([closed, late]))) void worker.disconnect().catch(() => {});
    },
  };
}

/** One hash tag: its scripts never span two nodes of a cluster. */
function prefixOf(namespace: string): string {
  return `${namespace}:{schedules}`;
}
