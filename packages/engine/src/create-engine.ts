import { readFileSync } from 'node:fs';
import {
  attemptOf,
  ErrorBody,
  PlanyardError,
  QUEUE_NAMES,
  type RunId,
  type StepId,
} from '@planyard/contracts';
import type { Queue } from 'bullmq';
import type { Engine } from './api.ts';
import { isConnectionError } from './connection-error.ts';
import { consumePhases } from './consume-phases.ts';
import { consumeSteps } from './consume-steps.ts';
import { type EngineContext, type EngineLog, type EngineObserver, toEngineError } from './context.ts';
import { createEventFollower } from './follow-events.ts';
import { createKeys } from './keys.ts';
import { createLeaseKeeper } from './lease-keeper.ts';
import { type Connection, luaScript } from './lua-script.ts';
import { createQueues } from './queues.ts';
import { findRun, isHeld, readEvents, readRun, readStatus, readStep, readSteps } from './read-run.ts';
import type { RunRef } from './run-state.ts';
import { loadScripts } from './scripts.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from './settings.ts';
import { createSourceCatalogs } from './source-catalogs.ts';
import { createToolCatalogue, listCatalogs, publishCatalog } from './tool-catalogue.ts';
import { cancelRun } from './transitions/cancel-run.ts';
import { decideStep } from './transitions/decide-step.ts';
import { createReconciler } from './transitions/reconcile.ts';
import { submitRun } from './transitions/submit-run.ts';

export interface EngineDeps {
  /** Fails after finite retries: for callers who would rather have an error than wait. */
  redis: Connection;
  /** Waits for Redis (`maxRetriesPerRequest: null`): for those who hold leases. Only a process that consumes needs one. */
  workerRedis?: Connection;
  log: EngineLog;
  settings?: Partial<EngineSettings>;
  observe?: EngineObserver;
  random?: () => number;
}

/** The engine over one Redis. `queues()` gives the BullMQ queues for dashboards. The connections stay the caller's. */
export function createEngine(deps: EngineDeps): Engine & { queues(): Queue[] } {
  const settings = { ...DEFAULT_SETTINGS, ...deps.settings };
  const keys = createKeys(settings);
  const onQueueError = (error: unknown) => {
    if (!isConnectionError(error)) deps.log.warn({ err: error }, 'queue');
  };
  const context: EngineContext = {
    settings,
    keys,
    redis: deps.redis,
    workerRedis: deps.workerRedis ?? deps.redis,
    script: loadScripts(settings),
    stepsScript: luaScript(readFileSync(new URL('./read-steps.lua', import.meta.url), 'utf8')),
    queues: createQueues(deps.redis, keys, settings.partitions, QUEUE_NAMES, onQueueError),
    log: deps.log,
    observe: deps.observe ?? {},
    random: deps.random ?? Math.random,
  };
  const leases = createLeaseKeeper(context);
  const follower = createEventFollower(context);
  const catalogue = createToolCatalogue(context);
  const sources = createSourceCatalogs(context);

  async function runOrThrow(runId: RunId): Promise<RunRef> {
    const run = await findRun(context, runId);
    if (!run) throw new PlanyardError('run_closed', `Run ${runId} is not open`);
    return run;
  }

  return {
    async openRuns() {
      const prefixes = Array.from({ length: settings.partitions }, (_, partition) => keys.prefix(partition));
      const counts = await Promise.all(prefixes.map((prefix) => deps.redis.zcard(`${prefix}open`))).catch(
        rethrow,
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    submitRun: (run) => submitRun(context, run),
    async cancelRun(runId) {
      const run = await findRun(context, runId);
      return run !== null && cancelRun(context, run);
    },
    approveStep: async (runId, step, decided) =>
      decideStep(context, await runOrThrow(runId), step, { kind: 'approve', ...decided }),
    async rejectStep(runId, step, decided) {
      const run = await runOrThrow(runId);
      const tool = (await readStep(context, run, step))?.tool ?? '';
      await decideStep(context, run, step, { kind: 'reject', tool, ...decided });
    },
    abortStep: async (runId, step) => decideStep(context, await runOrThrow(runId), step, { kind: 'abort' }),
    readRun: (runId) => withRun(runId, null, (run) => readRun(context, run)),
    readStatus: (runId) => withRun(runId, null, (run) => readStatus(context, run)),
    readSteps: (runId) => withRun(runId, [], (run) => readSteps(context, run)),
    readStep: (runId, step: StepId) => withRun(runId, null, (run) => readStep(context, run, step)),
    readEvents: (runId, after, limit = 1_000) =>
      withRun(runId, [], (run) => readEvents(context, run, after, limit)),
    followEvents: (runId, after, signal) => follower.follow(runId, after, signal),

    consumePhases: (handlers, options) => consumePhases(context, leases, handlers, options),
    consumeSteps: (execute, options) => consumeSteps(context, leases, execute, options),
    async findSettled(step, callHash, effects) {
      const [id, failed, wrote] = await context.workerRedis
        .hmget(keys.calls(step), callHash, `failed:${callHash}`, 'wrote')
        .catch(rethrow);
      const isEarlier = (settled: string) => attemptOf(settled as StepId) < attemptOf(step.step);
      if (id && isEarlier(id)) {
        const found = await readStep(context, step, id, context.workerRedis);
        const since = found?.started_at ?? found?.ended_at ?? null;
        const isStale = effects === 'read' && wrote && (since === null || since <= Number(wrote));
        if (found?.result && !isStale) return { step: id, result: found.result };
      }
      if (!failed || !isEarlier(failed)) return null;
      const end = failed.indexOf(' ');
      return { step: failed.slice(0, end), error: ErrorBody.parse(JSON.parse(failed.slice(end))) };
    },

    publishTools: catalogue.publish,
    withdrawTools: catalogue.withdraw,
    listTools: async () => (await catalogue.offered()).tools,
    offeredTools: catalogue.offered,
    publishCatalog: (tenant, catalog, ttlMs) => publishCatalog(context, tenant, catalog, ttlMs),
    async listCatalogs(tenant) {
      const all = await Promise.all([listCatalogs(context, tenant), sources.catalogs(tenant)]);
      return all.flat();
    },
    sources,

    reconcile: createReconciler(context),
    async missingRuns(runs) {
      const held = await Promise.all(runs.map((run) => isHeld(context, run)));
      return runs.filter((_, index) => !held[index]);
    },
    queues: () => context.queues.all(),
    async close() {
      leases.close();
      follower.close();
      await context.queues.close();
    },
  };

  async function withRun<T>(runId: RunId, none: T, read: (run: RunRef) => Promise<T>): Promise<T> {
    const run = await findRun(context, runId);
    return run ? read(run) : none;
  }
}

function rethrow(error: unknown): never {
  throw toEngineError(error);
}
