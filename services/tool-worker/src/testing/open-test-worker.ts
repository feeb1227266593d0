import { randomUUID } from 'node:crypto';
import {
  type AdmittedStep,
  AdmittedStep as AdmittedStepSchema,
  isRunEnd,
  newRunId,
  type PlanStep,
  PlanStep as PlanStepSchema,
  type RunEvent,
  type RunId,
  type RunRecord,
  RunRequest,
  type StepId,
  stepId,
} from '@planyard/contracts';
import { collectReferences, createEngine, type StepState } from '@planyard/engine';
import { createLogger } from '@planyard/runtime';
import { insertAccepted } from '@planyard/store';
import { openTestDatabase } from '@planyard/store/testing';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { inject } from 'vitest';
import { configSchema } from '../config.ts';
import { startToolWorker } from '../start-tool-worker.ts';

type PlanInput = Partial<PlanStep> & { id: string; tool: string };

export interface TestRun {
  events: RunEvent[];
  steps: Record<StepId, StepState>;
}

/** A tool worker with the tools beside this file, on a real Redis and PGlite, and an engine that plans what a test says. */
export async function openTestWorker(
  redisUrl: string,
  env: Record<string, string> = {},
  options: { worker: boolean } = { worker: true },
) {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const database = await openTestDatabase(inject('postgresUrl'));
  const log = createLogger({ service: 'test', level: 'silent' });
  const registry = new Registry();
  const workerEnv = {
    REDIS_URL: redisUrl,
    DATABASE_URL: database.url,
    PLANYARD_NAMESPACE: namespace,
    LOG_LEVEL: 'silent',
    // Tests make tools fail on purpose.
    TOOL_BREAKER_PERCENT: '100',
    ...env,
  };
  const config = configSchema.parse(workerEnv);
  const start = (to = new Registry()) =>
    startToolWorker({
      config,
      db: database.db,
      log,
      registry: to,
      toolsDirectory: new URL('./tools/', import.meta.url),
    });
  const worker = options.worker ? await start(registry) : undefined;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 3 });
  const workerRedis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const engine = createEngine({ redis, workerRedis, log, settings: { namespace, retry_base_ms: 1 } });
  const plans = new Map<RunId, PlanInput[][]>();
  const phases = engine.consumePhases(
    {
      async plan(phase) {
        const steps = plans.get(phase.run_id)?.[phase.attempt - 1] ?? [];
        const tools = new Map((await engine.listTools()).map((tool) => [tool.name, tool]));
        await phase.started({ planner: 'test' });
        await phase.addSteps(
          steps.map((step) => {
            const dispatchOf = (name: string) => {
              const tool = tools.get(name);
              return {
                class: tool?.class ?? 'io',
                timeout_ms: tool?.timeout_ms ?? 60_000,
                max_tries: tool?.max_tries ?? 1,
              };
            };
            return admit(phase.attempt, step, dispatchOf);
          }),
        );
        await phase.seal({ intent: 'test' });
      },
      async join(phase) {
        if (phase.attempt < (plans.get(phase.run_id)?.length ?? 0)) return phase.replan('more');
        return phase.finish({
          status: 'completed',
          answer: '',
          citations: [],
          missing: [],
          planner: 'test',
          error: null,
        });
      },
      persist: (phase) => phase.announce(),
    },
    { concurrency: 5, worker: 'test' },
  );

  /** Accepts and submits a run of these attempts. */
  async function submit(
    attempts: PlanInput[][],
    request: Partial<RunRequest> & { tenant?: string } = {},
  ): Promise<RunRecord> {
    const { tenant = 'default', ...rest } = request;
    const run: RunRecord = {
      id: newRunId(Date.now()),
      incarnation: 1,
      partition: 0,
      caller: { tenant, user: 'tester', key_id: 'k1' },
      request_id: 'req-1',
      request: RunRequest.parse({ question: 'q', options: {}, ...rest }),
      status: 'accepted',
      created_at: new Date().toISOString(),
    };
    plans.set(run.id, attempts);
    await insertAccepted(database.db, run, null);
    await engine.submitRun(run);
    return run;
  }

  async function untilEnd(run: RunRecord): Promise<TestRun> {
    const events: RunEvent[] = [];
    for await (const event of engine.followEvents(run.id, 0, AbortSignal.timeout(120_000)))
      events.push(event);
    const last = events.at(-1);
    if (!last || !isRunEnd(last.type))
      throw new Error(`the run did not end; its last event is ${last?.type}`);
    const steps = await engine.readSteps(run.id);
    return { events, steps: Object.fromEntries(steps.map((step) => [step.id, step])) };
  }

  return {
    database,
    engine,
    registry,
    redis,
    namespace,
    submit,
    untilEnd,
    /** Another worker of the same kind. */
    start: () => start(),
    env: workerEnv,
    run: async (...attempts: PlanInput[][]) => untilEnd(await submit(attempts)),
    async close() {
      await Promise.all([worker?.close(), phases.close(0)]);
      await engine.close();
      redis.disconnect();
      workerRedis.disconnect();
      await database.close();
    },
  };
}

function admit(
  attempt: number,
  input: PlanInput,
  dispatchOf: (tool: string) => AdmittedStep['dispatch'],
): AdmittedStep {
  const spec = PlanStepSchema.parse(input);
  const references = [spec.args, spec.when ?? {}].flatMap((value) => collectReferences(value));
  return AdmittedStepSchema.parse({
    id: stepId(attempt, spec.id),
    spec,
    data_deps: [...new Set(references.map((reference) => stepId(attempt, reference.from)))],
    after_deps: spec.after.map((id) => stepId(attempt, id)),
    dispatch: dispatchOf(spec.tool),
    ...(spec.fallback ? { fallback_dispatch: dispatchOf(spec.fallback.tool) } : {}),
  });
}
