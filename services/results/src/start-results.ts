import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createEngine, engineSettings } from '@planyard/engine';
import { connectRedis, type HealthCheck, type Logger, redisHealthCheck, repeat } from '@planyard/runtime';
import type { Executor } from '@planyard/store';
import { sql } from 'kysely';
import type { Registry } from 'prom-client';
import type { ResultsConfig } from './config.ts';
import { deleteOldRuns } from './delete-old-runs.ts';
import { persistRun } from './persist-run.ts';
import { rebuildRuns } from './rebuild-runs.ts';
import { createResultsMetrics } from './results-metrics.ts';

export interface Results {
  checks: HealthCheck[];
  /** Finishes or hands back what is being archived within the grace time, and closes what was opened here. */
  close(): Promise<void>;
}

export interface StartResultsDeps {
  config: ResultsConfig;
  db: Executor;
  log: Logger;
  registry: Registry;
  now?: () => number;
}

const REBUILD_EVERY_MS = 5_000;
const RETENTION_EVERY_MS = 3_600_000;

/** Archives ended runs, closes the gaps that crashes leave, rebuilds runs that Redis lost, and deletes old ones. Several may run. */
export async function startResults({
  config,
  db,
  log,
  registry,
  now = Date.now,
}: StartResultsDeps): Promise<Results> {
  const redis = connectRedis({ url: config.REDIS_URL, role: 'producer', name: 'results', log });
  const workerRedis = connectRedis({ url: config.REDIS_URL, role: 'worker', name: 'results-queue', log });
  const engine = createEngine({
    redis,
    workerRedis,
    log,
    settings: engineSettings(config),
    observe: {
      repaired: (kind, count) => metrics.repaired(kind, count),
      repairFailed: () => metrics.repairFailed(),
    },
  });
  const metrics = createResultsMetrics({
    registry,
    queues: engine.queues(),
    openRuns: () => engine.openRuns(),
    log,
    now,
  });
  const worker = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const consumer = engine.consumePhases(
    { persist: (phase) => persistRun({ db, log, metrics }, phase) },
    { concurrency: config.RESULTS_CONCURRENCY, worker },
  );
  const loops = [
    repeat('reconcile', config.RECONCILE_EVERY_MS, log, () => engine.reconcile()),
    repeat('rebuild', REBUILD_EVERY_MS, log, () => rebuildRuns({ db, engine, log, metrics, now })),
    repeat('retention', RETENTION_EVERY_MS, log, async () => {
      const deleted = await deleteOldRuns(db, { days: config.RETENTION_DAYS, nowMs: now() });
      if (deleted > 0) log.info({ deleted, days: config.RETENTION_DAYS }, 'old runs deleted');
    }),
  ];
  log.info({ worker }, 'results runs');

  return {
    checks: [redisHealthCheck(redis), { name: 'postgres', check: () => sql`select 1`.execute(db) }],
    async close() {
      await Promise.all([...loops.map((loop) => loop.stop()), consumer.close(config.SHUTDOWN_GRACE_MS)]);
      await engine.close();
      redis.disconnect();
      workerRedis.disconnect();
    },
  };
}
