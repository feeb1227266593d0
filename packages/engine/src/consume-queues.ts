import type { QueueName } from '@planyard/contracts';
import { type Job, Worker } from 'bullmq';
import { isConnectionError } from './connection-error.ts';
import type { EngineContext } from './context.ts';

/**
 * One BullMQ worker for each queue and partition. BullMQ only delivers: leases say who holds a step, so a job that
 * stalled is handed out again as often as it takes, and a failed one leaves nothing behind.
 */
export function consumeQueues(
  context: EngineContext,
  queues: readonly QueueName[],
  concurrency: number,
  process: (job: Job) => Promise<void>,
): { close(): Promise<void> } {
  const { settings, keys, workerRedis, log } = context;
  const workers = queues.flatMap((queue) =>
    Array.from({ length: settings.partitions }, (_, partition) => {
      const worker = new Worker(queue, process, {
        connection: workerRedis,
        prefix: keys.queuePrefix(partition),
        concurrency,
        lockDuration: 10_000,
        stalledInterval: 5_000,
        maxStalledCount: Number.MAX_SAFE_INTEGER,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      });
      worker.on('error', (error) => {
        if (!isConnectionError(error)) log.warn({ err: error, queue }, 'queue');
      });
      worker.on('failed', (job, error) => {
        const { request_id, run_id } = job?.data ?? {};
        log.error({ err: error, request_id, run_id, queue, job: job?.id }, 'job failed');
      });
      return worker;
    }),
  );

  return {
    /** Takes nothing more and waits for what `process` has in hand. */
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
