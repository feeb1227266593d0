import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import {
  createEngine,
  type Engine,
  type ExecuteStep,
  engineSettings,
  type WorkerStanding,
} from '@planyard/engine';
import { createToolBudgets } from '@planyard/llm';
import {
  connectRedis,
  createSharedCache,
  type HealthCheck,
  type Logger,
  redisHealthCheck,
} from '@planyard/runtime';
import type { Executor } from '@planyard/store';
import { sql } from 'kysely';
import type { Registry } from 'prom-client';
import type { ToolWorkerConfig } from './config.ts';
import { runStep } from './execute/run-step.ts';
import { withinBudgets } from './execute/within-budgets.ts';
import { guardCalls } from './figures/guard-calls.ts';
import { createToolBreakers } from './figures/tool-breakers.ts';
import { inherit, measureTools } from './figures/tool-figures.ts';
import { followConfig } from './follow-config.ts';
import { publishOffers } from './publish/publish-offers.ts';
import { loadTools } from './registry/load-tools.ts';
import { runSolo } from './solo/run-solo.ts';
import { watchSources } from './sources/watch-sources.ts';
import { createToolMetrics } from './tool-metrics.ts';

export interface ToolWorker {
  checks: HealthCheck[];
  /** Withdraws the tools, finishes or hands back what runs within the grace time, and closes what was opened here. */
  close(): Promise<void>;
}

export interface StartToolWorkerDeps {
  config: ToolWorkerConfig;
  db: Executor;
  log: Logger;
  registry: Registry;
  /** Where the tool files are; this service's own by default. */
  toolsDirectory?: URL;
  /** The variables that secrets of `planyard.yaml` may lie in. */
  secrets?: Readonly<Record<string, string | undefined>>;
  /** Where `planyard.yaml` is looked for. */
  directory?: string;
}

/** A process that starts on a busy machine; the step's own timeout begins in it. */
const SOLO_START_MS = 20_000;
/** Each has a process of its own, and many may need one at once: all that was running in two crashes. */
const SOLO_AT_ONCE = 4;
const BREAKER_WINDOW_MS = 60_000;

/** Loads the tools, offers them and the catalogs of data sources to the planner, and runs steps of the configured classes. The store and the registry stay the caller's. Throws `invalid_config` for a broken `planyard.yaml`. */
export async function startToolWorker(deps: StartToolWorkerDeps): Promise<ToolWorker> {
  const { config, db, log, registry } = deps;
  const tools = await loadTools(deps.toolsDirectory);
  const followed = await followConfig({
    file: config.PLANYARD_CONFIG,
    directory: deps.directory,
    secrets: deps.secrets ?? {},
    log,
  });
  const metrics = createToolMetrics(registry);
  const worker = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const settings = engineSettings(config);
  const redis = connectRedis({ url: config.REDIS_URL, role: 'producer', name: 'tool-worker', log });
  const workerRedis = connectRedis({ url: config.REDIS_URL, role: 'worker', name: 'tool-worker-queue', log });
  const engine = createEngine({ redis, workerRedis, log, settings, observe: metrics.engine });

  const breakers = createToolBreakers({
    error_percent: config.TOOL_BREAKER_PERCENT,
    min_calls: config.TOOL_BREAKER_CALLS,
    window_ms: BREAKER_WINDOW_MS,
    reset_ms: config.TOOL_BREAKER_REST_MS,
  });
  const before = inherit(await figuresBefore(engine, log));
  const figures = measureTools();
  const budgets = createToolBudgets({
    redis,
    namespace: config.PLANYARD_NAMESPACE,
    settings: followed.budgets,
    log,
  });
  let running = 0;
  const whileRunning = (execute: ExecuteStep) =>
    metrics.whileRunning(async (step, context) => {
      running += 1;
      try {
        return await withinBudgets({ budgets, log }, execute, step, context);
      } finally {
        running -= 1;
      }
    });

  const stepDeps = {
    tools,
    db,
    engine,
    cache: createSharedCache(redis, {
      namespace: config.PLANYARD_NAMESPACE,
      maxEntries: config.RESULT_CACHE_ENTRIES,
      maxBytes: config.RESULT_CACHE_BYTES,
    }),
    keepResults: config.RESULT_CACHE,
    log,
    now: () => new Date(),
    approvalMs: config.APPROVAL_EXPIRES_MS,
    guard: guardCalls({ breakers, figures }),
    observe: {
      cache(tool: string, outcome: 'hit' | 'miss' | 'joined') {
        metrics.cache(tool, outcome);
        if (outcome !== 'miss') figures.answered(tool);
      },
    },
  };
  const soloDeps = {
    db,
    log,
    redisUrl: config.REDIS_URL,
    engine: settings,
    logLevel: config.LOG_LEVEL,
    approvalMs: config.APPROVAL_EXPIRES_MS,
    toolsDirectory: deps.toolsDirectory,
  };
  const consumers = [
    engine.consumeSteps(
      whileRunning((step, context) => runStep(stepDeps, step, context)),
      {
        classes: config.TOOL_CLASSES,
        concurrency: config.TOOL_CONCURRENCY,
        worker,
      },
    ),
    engine.consumeSteps(
      whileRunning((step, context) => runSolo(soloDeps, step, context)),
      {
        classes: ['solo'],
        concurrency: Math.min(SOLO_AT_ONCE, config.TOOL_CONCURRENCY),
        worker,
        start_ms: SOLO_START_MS,
      },
    ),
  ];
  const manifests = [...tools.values()].map((tool) => tool.manifest);
  const served = manifests.filter((manifest) => config.TOOL_CLASSES.includes(manifest.class));
  const standing = (): WorkerStanding => ({
    running,
    places: config.TOOL_CONCURRENCY,
    figures: Object.fromEntries(
      figures.all().map(([tool, measured]) => [tool, { ...measured, breaker: breakers.state(tool) }]),
    ),
    before,
  });
  const offers = await publishOffers({ engine, db, log, worker, manifests: served, standing });
  const sources = watchSources({
    engine,
    followed,
    worker,
    log,
    checkMs: config.CATALOG_CHECK_SECONDS * 1_000,
    readMs: config.CATALOG_READ_SECONDS * 1_000,
  });
  log.info({ worker, tools: served.length, classes: config.TOOL_CLASSES }, 'tool worker runs');

  return {
    checks: [
      redisHealthCheck(redis),
      { name: 'postgres', check: () => sql`select 1`.execute(db) },
      sources.check,
    ],
    async close() {
      followed.close();
      await sources.close();
      await offers.close().catch((error) => log.warn({ err: error }, 'the tools were not withdrawn'));
      await Promise.all(consumers.map((consumer) => consumer.close(config.SHUTDOWN_GRACE_MS)));
      breakers.close();
      await engine.close();
      redis.disconnect();
      workerRedis.disconnect();
    },
  };
}

/** What earlier workers measured; without it the profiles are what is known. */
async function figuresBefore(engine: Pick<Engine, 'offeredTools'>, log: Logger) {
  try {
    return (await engine.offeredTools()).figures;
  } catch (error) {
    log.warn({ err: error }, 'figures of earlier workers were not read');
    return new Map();
  }
}
