import { checkPath, collectReferences, createEngine, engineSettings } from '@planyard/engine';
import { startModels } from '@planyard/llm';
import {
  agentsCheck,
  createToolSelector,
  outputTexts,
  startCompositions,
  startPrompts,
} from '@planyard/planning';
import {
  connectRedis,
  createSharedCache,
  followFiles,
  type HealthCheck,
  importModules,
  type Logger,
  redactText,
  redisHealthCheck,
  startTracing,
  watchDirectory,
  watchRedisRoom,
} from '@planyard/runtime';
import { type Executor, verifyKey } from '@planyard/store';
import { sql } from 'kysely';
import type { Registry } from 'prom-client';
import packageJson from '../package.json' with { type: 'json' };
import { plannable } from './agents/plannable.ts';
import { createApp } from './app.ts';
import { createAuthenticate } from './auth/authenticate.ts';
import { createLeasedRateLimit } from './auth/leased-rate-limit.ts';
import { createRateLimit } from './auth/rate-limit.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayDeps } from './deps.ts';
import { bodyRoom } from './http/body-room.ts';
import { createHttpMetrics } from './http/http-metrics.ts';
import { createIdempotency } from './http/idempotency.ts';
import { within } from './http/within.ts';
import { listen } from './listen.ts';
import { openAiEndpoints } from './openai/endpoints.ts';
import { createModelCallLog } from './openai/model-call-log.ts';
import { createOpenAiApi } from './openai/openai-api.ts';
import { createResponseItems } from './openai/responses/response-items.ts';
import { createSimilarities } from './routes/tool-similarities.ts';
import { startSchedules } from './schedules/start-schedules.ts';
import { publicSourcesCheck, sourcesCheck } from './sources-check.ts';

export interface Gateway {
  port: number;
  /** What it needs, and how each stands, for operators: its own `/readyz` names no tenant's data sources. */
  checks: HealthCheck[];
  /** Ends streams, waits for other requests in flight for the grace time at most, and closes what was opened here. */
  close(): Promise<void>;
}

export interface StartGatewayDeps {
  config: GatewayConfig;
  db: Executor;
  log: Logger;
  registry: Registry;
  now?: () => number;
  /** How providers on this machine are looked for. */
  fetch?: typeof fetch;
  /** The variables that secrets of `planyard.yaml` may lie in. */
  secrets?: Readonly<Record<string, string | undefined>>;
  /** Where `planyard.yaml` is looked for. */
  directory?: string;
}

/** The gateway, listening. The store and the registry stay the caller's. Throws StartupError when the port is taken. */
export async function startGateway({
  config,
  db,
  log,
  registry,
  now = Date.now,
  fetch = globalThis.fetch,
  secrets,
  directory,
}: StartGatewayDeps): Promise<Gateway> {
  const { prompts, ...watched } = await startPrompts({
    registry,
    log,
    watch: (tell) => watchDirectory(config.PLANYARD_PROMPTS, tell),
  });
  const { compositions, ...composed } = await startCompositions({
    registry,
    log,
    directory: config.PLANYARD_COMPOSITIONS,
    watchDirectory,
    importModules,
    syntax: { collect: collectReferences, checkPath },
  });
  const redis = connectRedis({ url: config.REDIS_URL, role: 'producer', name: 'gateway', log });
  const engine = createEngine({
    redis,
    log,
    settings: {
      ...engineSettings(config),
      // The gateway refuses before the commit; a race of some requests must not refuse after it.
      open_runs_cap: config.PLANYARD_MAX_OPEN_RUNS * 2,
    },
  });
  // Not awaited for ever: without Redis the gateway still says so by /readyz and 503.
  await within(2_000, 'Redis', redis.ping()).catch(() => {});
  const hasRoom = watchRedisRoom(redis);
  const closing = new AbortController();
  const tracing = await startTracing({ service: 'gateway', endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT });
  const started = await startModels({
    env: config,
    secrets,
    directory,
    fetch,
    registry,
    redis,
    namespace: config.PLANYARD_NAMESPACE,
    log,
    follow: followFiles,
    cache: (caps) => createSharedCache(redis, caps),
    tracer: tracing.tracer,
    redact: redactText,
    texts: outputTexts(prompts),
  }).catch((error: unknown) => {
    watched.close();
    composed.close();
    redis.disconnect();
    throw error;
  });
  const { models, source } = started;
  const calls = createModelCallLog({ db, log, registry });
  const embedding = config.PLANYARD_EMBEDDING_MODEL;
  const settings = {
    namespace: config.PLANYARD_NAMESPACE,
    partitions: config.PLANYARD_PARTITIONS,
    maxOpenRuns: config.PLANYARD_MAX_OPEN_RUNS,
    importMaxBytes: config.PLANYARD_IMPORT_MAX_BYTES,
    bodyTimeoutMs: config.PLANYARD_BODY_TIMEOUT_MS,
    streamsPerUser: config.PLANYARD_STREAMS_PER_USER,
    schedulesPerUser: config.PLANYARD_SCHEDULES_PER_USER,
    scheduleMinSeconds: config.PLANYARD_SCHEDULE_MIN_SECONDS,
    bullBoardWrite: config.BULL_BOARD_WRITE,
    trustedProxies: config.PLANYARD_TRUSTED_PROXIES,
  };
  const schedules = startSchedules({
    db,
    engine,
    prompts,
    now,
    settings,
    redis,
    redisUrl: config.REDIS_URL,
    namespace: config.PLANYARD_NAMESPACE,
    reconcileMs: config.SCHEDULES_RECONCILE_MS,
    log,
  });
  const checks = [
    redisHealthCheck(redis),
    { name: 'postgres', check: () => sql`select 1`.execute(db) },
    started.check,
    watched.check,
    composed.check,
    agentsCheck(prompts, async () => plannable({ compositions }, await engine.listTools())),
  ];
  const deps: GatewayDeps = {
    db,
    schedules,
    engine,
    authenticate: createAuthenticate(
      (secret) => within(5_000, 'Postgres', verifyKey(db, secret, new Date(now()))),
      now,
    ),
    rateLimit: createRateLimit(redis, config.PLANYARD_RATE_LIMIT, `${config.PLANYARD_NAMESPACE}:rate`),
    idempotency: createIdempotency(redis, config.PLANYARD_NAMESPACE, hasRoom),
    queues: [...engine.queues(), schedules.queue],
    checks: [...checks, publicSourcesCheck(engine.sources)],
    prompts,
    compositions,
    selectTools: createToolSelector(),
    similarities: embedding
      ? createSimilarities({ models, model: embedding, calls, log, closing: closing.signal })
      : async () => null,
    log,
    metrics: createHttpMetrics(registry),
    beginBody: bodyRoom(),
    now,
    closing: closing.signal,
    settings,
  };
  const app = createApp(deps, packageJson.version);
  const api = createOpenAiApi(
    {
      endpoints: openAiEndpoints({
        ...deps,
        models,
        modelSettings: source.settings,
        calls,
        items: createResponseItems(redis, config.PLANYARD_NAMESPACE, hasRoom),
      }),
      idempotency: deps.idempotency,
      authenticate: deps.authenticate,
      addressLimit: deps.rateLimit,
      callLimit: createLeasedRateLimit(redis, {
        perMinute: config.PLANYARD_MODEL_RATE_LIMIT,
        keyPrefix: `${config.PLANYARD_NAMESPACE}:calls`,
        now,
      }),
      log,
      metrics: deps.metrics,
      now,
      trustedProxies: config.PLANYARD_TRUSTED_PROXIES,
      bodyTimeoutMs: config.PLANYARD_BODY_TIMEOUT_MS,
      beginBody: deps.beginBody,
    },
    app,
  );
  const close = async () => {
    await calls.close();
    started.close();
    watched.close();
    composed.close();
    await tracing.close();
    // Nothing is lost when Redis does not say goodbye.
    await within(2_000, 'Redis', Promise.all([engine.close(), schedules.close()])).catch(() => {});
    redis.disconnect();
  };
  try {
    const { port, close: stop } = await listen(api, {
      host: config.HOST,
      port: config.PORT,
      stalledMs: config.PLANYARD_BODY_TIMEOUT_MS,
    });
    log.info({ port, host: config.HOST }, 'gateway listens');
    return {
      port,
      checks: [...checks, sourcesCheck(engine.sources)],
      async close() {
        closing.abort();
        await Promise.all([stop(config.SHUTDOWN_GRACE_MS), schedules.stop(config.SHUTDOWN_GRACE_MS)]);
        await close();
      },
    };
  } catch (error) {
    await schedules.stop(0);
    await close();
    throw error;
  }
}
