import { type QueueName, RunStepJob } from '@planyard/contracts';
import { Queue } from 'bullmq';
import { jobId, type Keys, PHASE_JOBS, parseRef } from './keys.ts';
import type { Connection } from './lua-script.ts';
import type { ReleasedJob } from './scripts.ts';

export interface Queues {
  /** Enqueues what a transition released. Enqueuing the same release twice does nothing. */
  enqueue(jobs: ReleasedJob[]): Promise<void>;
  /** The BullMQ queues of every partition, for dashboards and figures. */
  all(): Queue[];
  close(): Promise<void>;
}

export function createQueues(
  redis: Connection,
  keys: Keys,
  partitions: number,
  names: readonly QueueName[],
  onError: (error: unknown) => void,
): Queues {
  const queues = new Map<string, Queue>();

  function queue(partition: number, name: string): Queue {
    const prefix = keys.queuePrefix(partition);
    const key = `${prefix}:${name}`;
    let found = queues.get(key);
    if (!found) {
      found = new Queue(name, {
        connection: redis,
        prefix,
        // A finished job leaves nothing behind: its id must be free, and its record is the run's.
        defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
        streams: { events: { maxLen: 10 } },
        // It asks Redis nothing when it is made: a refusal would be kept, and each later `add` would get it.
        skipWaitingForReady: true,
        skipVersionCheck: true,
      });
      found.on('error', onError);
      queues.set(key, found);
    }
    return found;
  }

  return {
    async enqueue(jobs) {
      const batches = new Map<Queue, BullJob[]>();
      for (const job of jobs) {
        const target = queue(keys.partitionOf(parseRef(job.ref).run_id), job.queue);
        const batch = batches.get(target);
        if (batch) batch.push(toBullJob(job));
        else batches.set(target, [toBullJob(job)]);
      }
      await Promise.all([...batches].map(([target, batch]) => target.addBulk(batch)));
    },
    all: () =>
      Array.from({ length: partitions }, (_, partition) =>
        names.map((name) => queue(partition, name)),
      ).flat(),
    async close() {
      await Promise.all([...queues.values()].map((each) => each.close()));
    },
  };
}

interface BullJob {
  name: string;
  data: object;
  opts: { jobId: string; priority?: number; delay?: number };
}

/** The steps of a job as `run-step` has them. */
export function stepJobOf({ ref, items, request_id }: ReleasedJob): RunStepJob {
  const steps = items.map(({ what, delivery }) => ({ step: what, delivery }));
  return RunStepJob.parse({ ...parseRef(ref), request_id, steps });
}

function toBullJob(released: ReleasedJob): BullJob {
  const { ref, items, request_id, priority, delay } = released;
  const run = parseRef(ref);
  const [first] = items as [ReleasedJob['items'][number]];
  const isPhase = first.what.startsWith('@');
  return {
    name: isPhase ? PHASE_JOBS[first.what as keyof typeof PHASE_JOBS] : 'run-step',
    data: isPhase ? { ...run, request_id, delivery: first.delivery } : stepJobOf(released),
    opts: {
      jobId: jobId(run, first.what, first.delivery),
      ...(priority > 0 ? { priority } : {}),
      ...(delay > 0 ? { delay } : {}),
    },
  };
}
