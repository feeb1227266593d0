import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { PlanyardError } from '@planyard/contracts';
import {
  checkPath,
  collectReferences,
  createEngine,
  type Engine,
  engineSettings,
  type OfferedTools,
  type Phase,
  type PlanningPhase,
} from '@planyard/engine';
import { countTokens, type ModelSettings, type StartedModels, startModels } from '@planyard/llm';
import {
  agentsCheck,
  compositionTools,
  createDigester,
  createTableDigester,
  createToolSelector,
  keepRelatedWords,
  outputTexts,
  pinPrompts,
  plannableTools,
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
} from '@planyard/runtime';

import { copyResult, type Executor, isUnavailable, readGraph, readResult } from '@planyard/store';
import type { Registry } from 'prom-client';
import { createCatalogCache, joinCatalogs } from './catalog-cache.ts';
import type { PlannerConfig } from './config.ts';
import { createConversationStore } from './conversation-store.ts';
import type { PlannerDeps, PlannerModel } from './deps.ts';
import { joinRun } from './join-run.ts';
import { type CheckArgs, createArgsCheck } from './model/check-args.ts';
import { createVectors, NO_VECTORS } from './model/vectors.ts';
import { createKeptPlans } from './plan-cache/kept-plans.ts';
import { planRun } from './plan-run.ts';
import { createProbeTurns } from './probe-turns.ts';
import { waitForTools } from './wait-for-tools.ts';

export interface Planner {
  checks: HealthCheck[];
  /** Finishes or hands back the runs being planned within the grace time, and closes what was opened here. */
  close(): Promise<void>;
}

export interface StartPlannerDeps {
  config: PlannerConfig;
  db: Executor;
  log: Logger;
  registry: Registry;
  /** How providers on this machine are looked for. */
  fetch?: typeof fetch;
  /** The variables that secrets of `planyard.yaml` may lie in. */
  secrets?: Readonly<Record<string, string | undefined>>;
  /** Where `planyard.yaml` is looked for. */
  directory?: string;
}

/** Plans and joins runs: by model where a provider is configured or found, else by rules. The store and the registry stay the caller's. Throws `invalid_config` for broken prompts or a model that no provider has. */
export async function startPlanner(deps: StartPlannerDeps): Promise<Planner> {
  const { config, db, log } = deps;
  const { prompts, ...watched } = await startPrompts({
    ...deps,
    watch: (tell) => watchDirectory(config.PLANYARD_PROMPTS, tell),
  });
  const { compositions, ...composed } = await startCompositions({
    ...deps,
    directory: config.PLANYARD_COMPOSITIONS,
    watchDirectory,
    importModules,
    syntax: { collect: collectReferences, checkPath },
  });
  const redis = connectRedis({ url: config.REDIS_URL, role: 'producer', name: 'planner', log });
  const tracing = await startTracing({ service: 'planner', endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT });
  const started = await startModels({
    ...deps,
    env: config,
    fetch: deps.fetch ?? fetch,
    redis,
    namespace: config.PLANYARD_NAMESPACE,
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
  const model = plannerModel(started);
  const modelNow = () => (started.source.settings().providers.length > 0 ? model : null);
  const workerRedis = connectRedis({ url: config.REDIS_URL, role: 'worker', name: 'planner-queue', log });
  const engine = createEngine({
    redis,
    workerRedis,
    log,
    settings: engineSettings(config),
  });
  const inventory = createCatalogCache(db);
  const checkArgs = createArgsCheck();
  const related = keepRelatedWords();
  const selectTools = createToolSelector(related);
  const takeProbeTurn = createProbeTurns(Date.now);
  const tableDigester = createTableDigester(countTokens, related);
  const digester = createDigester(countTokens);
  const embedding = config.PLANYARD_EMBEDDING_MODEL;
  const vectors = embedding ? createVectors({ models: started.models, model: embedding, db, log }) : null;
  const conversations = createConversationStore(db);
  const planCache = config.PLAN_CACHE
    ? {
        plans: createKeptPlans(db, {
          days: config.PLAN_CACHE_DAYS,
          threshold: config.PLAN_CACHE_SIMILARITY,
          now: Date.now,
        }),
        adaptModel: config.PLAN_CACHE_MODEL,
      }
    : null;
  const plannerFor = ({ run_id, record }: Phase): PlannerDeps & { checkArgs: CheckArgs } => ({
    checkArgs,
    prompts: pinPrompts(prompts, record.request.options.prompts ?? {}),
    // Asked by each phase: a provider may be configured while the planner runs.
    model: modelNow(),
    ...toolsNow(engine),
    selectTools,
    takeProbeTurn,
    digester,
    ...(vectors?.() ?? NO_VECTORS),
    selector: config.TOOL_SELECTOR,
    toolTokens: config.PLANNER_TOOL_TOKENS,
    catalogs: async (tenant) => joinCatalogs(await inventory(tenant), await engine.listCatalogs(tenant)),
    tableDigester,
    loadResult: (run, tenant, step, epoch) =>
      readResult(db, tenant, { run_id: run.run_id, step_id: step, epoch }),
    conversations,
    reruns: {
      readGraph: (tenant, run) => readGraph(db, tenant, run),
      copyResult: (tenant, from, to) => copyResult(db, tenant, from, to),
    },
    compositions,
    planCache,
    now: Date.now,
    log: log.child({ request_id: record.request_id, run_id }),
  });
  const worker = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  // What a plan loads at its first use holds this process up, on a slow machine for longer than a lease lasts: the run
  // would be planned anew, and have an attempt less.
  if (modelNow()) {
    await countTokens('ready');
    related();
  }
  const consumer = engine.consumePhases(
    {
      plan(phase) {
        // Whose agent is known only then may have less time.
        const begun = { phase };
        const started: PlanningPhase['started'] = async (attempt) =>
          (begun.phase = await phase.started(attempt));
        return untilDeadline(begun, () => planRun({ ...phase, started }, plannerFor(phase)));
      },
      join: (phase) => untilDeadline({ phase }, () => joinRun(phase, plannerFor(phase))),
    },
    { concurrency: config.PLANNER_CONCURRENCY, worker },
  );
  log.info({ worker, planner: modelNow() ? 'model' : 'rules' }, 'planner runs');
  return {
    checks: [
      redisHealthCheck(redis),
      started.check,
      watched.check,
      composed.check,
      agentsCheck(prompts, async () => {
        const offered = await engine.listTools();
        return plannableTools(offered, compositionTools(compositions.list(), offered));
      }),
    ],
    async close() {
      await consumer.close(config.SHUTDOWN_GRACE_MS);
      await engine.close();
      started.close();
      watched.close();
      composed.close();
      await tracing.close();
      redis.disconnect();
      workerRedis.disconnect();
    },
  };
}

/** What a phase asks for: the tools, and their figures as of then. */
function toolsNow(engine: Pick<Engine, 'offeredTools'>): Pick<PlannerDeps, 'tools' | 'figures'> {
  let offered: OfferedTools = { tools: [], figures: new Map() };
  return {
    async tools(signal) {
      offered = await waitForTools(() => engine.offeredTools(), signal);
      return offered.tools;
    },
    figures: () => offered.figures,
  };
}

/** The route or model that the configuration chooses; what a provider was asked for once is remembered. */
function plannerModel({ models, source }: StartedModels): PlannerModel {
  let known: { settings: ModelSettings; name: string } | null = null;
  return {
    models,
    async name(signal, wanted) {
      const settings = source.settings();
      if (wanted !== undefined && isModel(settings, wanted)) return wanted;
      if (known?.settings !== settings) known = { settings, name: await source.defaultModel(signal) };
      return known.name;
    },
    modelsOf: (name) =>
      source
        .settings()
        .routes[name]?.models.flat()
        .map(({ model }) => model) ?? [name],
  };
}

/** Whether a name is a route, or a model of a provider that is there. */
function isModel({ routes, providers }: ModelSettings, name: string): boolean {
  return Object.hasOwn(routes, name) || providers.some((provider) => name.startsWith(`${provider.name}/`));
}

/** A phase that its run's deadline cut short has not failed: the engine concludes the run. Throws `unavailable` for Postgres. */
async function untilDeadline(begun: { phase: Phase }, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { deadline_at, signal } = begun.phase;
    if (deadline_at !== null && Date.now() >= deadline_at && signal.aborted) return;
    if (isUnavailable(error))
      throw new PlanyardError('unavailable', 'Postgres is not to be reached', { cause: error });
    throw error;
  }
}
