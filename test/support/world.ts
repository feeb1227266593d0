import { randomUUID } from 'node:crypto';
import {
  newRunId,
  type RunEvent,
  type RunOutcome,
  type RunRecord,
  RunRequest,
  type ToolManifest,
} from '@planyard/contracts';
import { createEngine, type PersistPhase, type StepState, type WorkerStanding } from '@planyard/engine';
import { configSchema as plannerConfig, startPlanner } from '@planyard/planner';
import { connectRedis, createLogger, createMetricsRegistry, parseEnv } from '@planyard/runtime';
import type { Executor } from '@planyard/store';
import { openTestDatabase } from '@planyard/store/testing';
import { startToolWorker, configSchema as toolWorkerConfig } from '@planyard/tool-worker';

export interface AskedRun {
  outcome: RunOutcome;
  steps: StepState[];
  events: RunEvent[];
}

/** Planner, tool worker and engine on real Redis and Postgres, without the gateway: what plans, runs and answers. */
export interface World {
  db: Executor;
  /** Submits a run and waits for its end. */
  ask(request: Partial<RunRequest> & { question: string }, tenant?: string): Promise<AskedRun>;
  /** Offers further tools, which no worker runs, with figures of them. */
  offer(tools: ToolManifest[], standing?: WorkerStanding): Promise<void>;
  /** The steps of the run that was asked last, as they stand. */
  steps(): Promise<StepState[]>;
  /** The warnings and errors that planner and tool worker logged so far. */
  logged(): Record<string, unknown>[];
  close(): Promise<void>;
}

export interface WorldOptions {
  redisUrl: string;
  /** A PGlite in memory without it. */
  postgresUrl: string | undefined;
  /** Settings of the planner, such as OPENAI_BASE_URL. */
  planner?: Record<string, string>;
}

const nothingOnLocalhost: typeof fetch = () => Promise.reject(new Error('nothing is looked for in tests'));

export async function openWorld(options: WorldOptions): Promise<World> {
  const database = await openTestDatabase(options.postgresUrl);
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ service: 'test', level: 'warn', destination });
  const env = { REDIS_URL: options.redisUrl, DATABASE_URL: database.url, PLANYARD_NAMESPACE: namespace };
  const worker = await startToolWorker({
    config: parseEnv(toolWorkerConfig, env),
    db: database.db,
    log,
    registry: createMetricsRegistry('tool-worker'),
  });
  const planner = await startPlanner({
    config: parseEnv(plannerConfig, { ...env, ...options.planner }),
    db: database.db,
    log,
    registry: createMetricsRegistry('planner'),
    fetch: nothingOnLocalhost,
  });
  const redis = connectRedis({ url: options.redisUrl, role: 'producer', name: 'test', log });
  const workerRedis = connectRedis({ url: options.redisUrl, role: 'worker', name: 'test-queue', log });
  const engine = createEngine({ redis, workerRedis, log, settings: { namespace } });
  const waiting = new Map<string, (run: AskedRun) => void>();
  const archive = async (phase: PersistPhase) => {
    await phase.announce();
    waiting.get(phase.run_id)?.({ outcome: phase.outcome, steps: phase.steps, events: phase.events });
  };
  const consumer = engine.consumePhases({ persist: archive }, { concurrency: 8, worker: 'test' });
  // Retries, deadlines and what is due are looked after by the results service elsewhere.
  const reconciling = setInterval(() => void engine.reconcile().catch(() => {}), 500);

  let asked: RunRecord['id'] | null = null;
  return {
    db: database.db,
    offer: (tools, standing) => engine.publishTools('test', tools, 600_000, standing),
    steps: async () => (asked ? await engine.readSteps(asked) : []),
    logged: () => lines.map((line) => JSON.parse(line)),
    async ask(request, tenant = 'default') {
      const record: RunRecord = {
        id: newRunId(Date.now()),
        incarnation: 1,
        partition: 0,
        caller: { tenant, user: 'tester', key_id: 'k1' },
        request_id: 'req-1',
        request: RunRequest.parse({ options: {}, ...request }),
        status: 'accepted',
        created_at: new Date().toISOString(),
      };
      asked = record.id;
      const ended = new Promise<AskedRun>((resolve) => waiting.set(record.id, resolve));
      await engine.submitRun(record);
      return await ended;
    },
    async close() {
      clearInterval(reconciling);
      await Promise.all([planner.close(), worker.close(), consumer.close(0)]);
      await engine.close();
      redis.disconnect();
      workerRedis.disconnect();
      await database.close();
    },
  };
}
