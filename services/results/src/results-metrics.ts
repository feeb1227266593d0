import type { StepSummary, TerminalStatus } from '@planyard/contracts';
import type { Logger } from '@planyard/runtime';
import type { EndedPlan } from '@planyard/store';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** A queue as the metrics look at it. */
interface WatchedQueue {
  name: string;
  getJobCountByTypes(...types: ('waiting' | 'prioritized' | 'delayed' | 'active')[]): Promise<number>;
  getJobs(
    types: ('waiting' | 'prioritized')[],
    start: number,
    end: number,
    ascending: boolean,
  ): Promise<{ timestamp: number }[]>;
}

export interface ResultsMetrics {
  runEnded(status: TerminalStatus, totalMs: number, steps: StepSummary[]): void;
  planEnded(plan: EndedPlan): void;
  repaired(kind: string, count: number): void;
  repairFailed(): void;
}

export interface ResultsMetricsDeps {
  registry: Registry;
  /** A queue of several partitions is several queues of one name. */
  queues: WatchedQueue[];
  openRuns: () => Promise<number>;
  log: Logger;
  now: () => number;
}

/** What this service tells Prometheus: how runs and their steps end, what had to be repaired, and what waits in the queues. */
export function createResultsMetrics({
  registry,
  queues,
  openRuns,
  log,
  now,
}: ResultsMetricsDeps): ResultsMetrics {
  const registers = [registry];
  const runs = new Counter({
    name: 'planyard_runs_total',
    help: 'Runs that ended, by status',
    labelNames: ['status'],
    registers,
  });
  const duration = new Histogram({
    name: 'planyard_run_duration_seconds',
    help: 'From acceptance to the end of a run',
    labelNames: ['status'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600],
    registers,
  });
  const stepsEnded = new Counter({
    name: 'planyard_steps_total',
    help: 'Steps of ended runs, by tool and outcome (completed, failed, skipped, aborted)',
    labelNames: ['tool', 'outcome'],
    registers,
  });
  const plans = new Counter({
    name: 'planyard_plans_total',
    help: 'First plans of ended runs, by agent, source (model, cache, similar, rounds, broad, …) and how the run ended',
    labelNames: ['agent', 'source', 'status'],
    registers,
  });
  const planRepairs = new Counter({
    name: 'planyard_plans_repaired_total',
    help: 'First plans of which something went back to the model',
    labelNames: ['agent'],
    registers,
  });
  const plannedSteps = new Counter({
    name: 'planyard_planned_steps_total',
    help: 'Steps of first plans; useful: they succeeded and were cited',
    labelNames: ['agent', 'useful'],
    registers,
  });
  const repairs = new Counter({
    name: 'planyard_reconciler_repairs_total',
    help: 'Gaps that the reconciler closed, by kind',
    labelNames: ['kind'],
    registers,
  });
  const repairFailures = new Counter({
    name: 'planyard_reconciler_failures_total',
    help: 'Repairs of a run that failed; the log names it',
    registers,
  });
  /** Gauges that could not be read at the last look: said of the first, and when there are none any more. */
  const unread = new Set<string>();
  /** A gauge of what lies in Redis: while that is away it tells nothing, and the other metrics are told all the same. */
  const readFromRedis = <T extends string>(
    name: string,
    help: string,
    labelNames: T[],
    read: (gauge: Gauge<T>) => Promise<void>,
  ) =>
    new Gauge<T>({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        try {
          await read(this);
          if (unread.delete(name) && unread.size === 0)
            log.info({ metric: name }, 'metrics are read from Redis again');
        } catch (err) {
          this.reset();
          if (labelNames.length === 0) this.remove();
          if (unread.size === 0) log.warn({ err, metric: name }, 'metrics cannot be read from Redis');
          unread.add(name);
        }
      },
    });
  readFromRedis('planyard_open_runs', 'Runs that have not ended', [], async (gauge) =>
    gauge.set(await openRuns()),
  );
  readFromRedis('planyard_queue_depth', 'Jobs that wait in a queue', ['queue'], async (gauge) => {
    for (const [name, partitions] of Map.groupBy(queues, (queue) => queue.name)) {
      const counts = await Promise.all(
        partitions.map((queue) => queue.getJobCountByTypes('waiting', 'prioritized')),
      );
      gauge.set(
        { queue: name },
        counts.reduce((sum, count) => sum + count, 0),
      );
    }
  });
  readFromRedis(
    'planyard_queue_age_seconds',
    'How long the job has waited that a queue gives out next',
    ['queue'],
    async (gauge) => {
      for (const [name, partitions] of Map.groupBy(queues, (queue) => queue.name)) {
        const oldest = await Promise.all(partitions.map(oldestOf));
        const at = Math.min(...oldest);
        gauge.set({ queue: name }, Number.isFinite(at) ? Math.max(0, now() - at) / 1000 : 0);
      }
    },
  );
  return {
    runEnded(status, totalMs, steps) {
      runs.inc({ status });
      duration.observe({ status }, totalMs / 1000);
      for (const { tool, status: outcome, copied_from } of steps)
        if (copied_from === null) stepsEnded.inc({ tool, outcome });
    },
    planEnded({ agent, source, status, repairs: sentBack, steps_planned, steps_useful }) {
      const label = agent ?? 'none';
      plans.inc({ agent: label, source, status });
      if (sentBack > 0) planRepairs.inc({ agent: label });
      plannedSteps.inc({ agent: label, useful: 'true' }, steps_useful);
      plannedSteps.inc({ agent: label, useful: 'false' }, steps_planned - steps_useful);
    },
    repaired: (kind, count) => repairs.inc({ kind }, count),
    repairFailed: () => repairFailures.inc(),
  };
}

async function oldestOf(queue: WatchedQueue): Promise<number> {
  const heads = await Promise.all([
    queue.getJobs(['waiting'], 0, 0, true),
    queue.getJobs(['prioritized'], 0, 0, true),
  ]);
  // A job may be taken between its id and its data being read.
  return Math.min(...heads.flat().map((job) => job?.timestamp ?? Number.POSITIVE_INFINITY));
}
