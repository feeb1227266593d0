import { randomUUID } from 'node:crypto';
import {
  AdmittedStep,
  isRunEnd,
  newRunId,
  type PlanStep,
  PlanStep as PlanStepSchema,
  type RunEvent,
  type RunId,
  type RunOutcome,
  type RunRecord,
  RunRequest,
  type StoredResult,
  stepId,
} from '@planyard/contracts';
import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';
import type { Consumer, Engine } from './api.ts';
import { createEngine, type EngineDeps } from './create-engine.ts';
import type { JoiningPhase, PlanningPhase } from './phase.ts';
import { collectReferences } from './references.ts';
import type { BegunStep, StepContext, StepOutcome } from './step-execution.ts';

/** An engine on a real Redis with a namespace of its own; everything is closed when the test ends. */
export function testEngine(deps: Partial<EngineDeps> = {}) {
  const redisUrl = inject('redisUrl');
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 3 });
  const workerRedis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const engine = createEngine({
    redis,
    workerRedis,
    log: { warn: () => {}, error: () => {} },
    ...deps,
    settings: { namespace: `t${randomUUID().slice(0, 8)}`, ...deps.settings },
  });
  const consumers: Consumer[] = [];
  onTestFinished(async () => {
    await Promise.all(consumers.map((consumer) => consumer.close(0)));
    await engine.close();
    redis.disconnect();
    workerRedis.disconnect();
  });
  const close = <T extends Consumer>(consumer: T): T => {
    consumers.push(consumer);
    return consumer;
  };
  return { engine, redis, close };
}

export function runRecord(request: Partial<RunRequest> = {}, incarnation = 1): RunRecord {
  return {
    id: newRunId(Date.now()),
    incarnation,
    partition: 0,
    caller: { tenant: 'default', user: 'tester', key_id: 'k1' },
    request_id: 'req-1',
    request: RunRequest.parse({ question: 'What is the load of db-01?', options: {}, ...request }),
    status: 'accepted',
    created_at: new Date().toISOString(),
  };
}

/** `optional`: of what it reads, that which it can do without. */
type PlanInput = Partial<PlanStep> & { id: string; optional?: string[] };

/** A step as a planner would admit it: dependencies from its references, `tool` `test.echo` unless given. */
export function admit(
  attempt: number,
  { optional = [], ...input }: PlanInput,
  dispatch: Partial<AdmittedStep['dispatch']> = {},
): AdmittedStep {
  const spec = PlanStepSchema.parse({ tool: 'test.echo', ...input });
  const full = (id: string) => (/^\d+\./.test(id) ? id : stepId(attempt, id));
  const references = [spec.args, spec.when ?? {}, spec.fallback?.args ?? {}].flatMap((value) =>
    collectReferences(value),
  );
  const defaults = { class: 'io', timeout_ms: 120_000, max_tries: 3, ...dispatch };
  return AdmittedStep.parse({
    id: stepId(attempt, spec.id),
    spec,
    data_deps: [...new Set(references.map(({ from }) => from))]
      .filter((id) => !optional.includes(id))
      .map(full),
    after_deps: [...spec.after, ...optional].map(full),
    optional_deps: optional.map(full),
    dispatch: defaults,
    ...(spec.fallback ? { fallback_dispatch: defaults } : {}),
  });
}

export function completed(value: StoredResult['value'], boundArgs = {}): StepOutcome {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return {
    kind: 'completed',
    result: { value, bytes, count: null, records: [] },
    bound_args: boundArgs,
    cached: false,
  };
}

export function failed(retryable = false): StepOutcome {
  return { kind: 'failed', error: { code: 'tool_failed', message: 'It failed', retryable } };
}

export const ANSWER: RunOutcome = {
  status: 'completed',
  answer: 'done',
  citations: [],
  missing: [],
  planner: 'test',
  error: null,
};

interface Behaviour {
  steps?: PlanInput[];
  plan?: (phase: PlanningPhase) => Promise<void>;
  join?: (phase: JoiningPhase) => Promise<void>;
  execute?: (step: BegunStep, context: StepContext) => Promise<StepOutcome> | StepOutcome;
  dispatch?: Partial<AdmittedStep['dispatch']>;
  /** Of steps; 20. With 0 nobody takes them. */
  concurrency?: number;
}

/** Consumers for every phase and step: plans `steps`, answers at once, archives nothing. */
export function consumeAll(test: ReturnType<typeof testEngine>, behaviour: Behaviour): void {
  const { engine, close } = test;
  close(
    engine.consumePhases(
      {
        plan:
          behaviour.plan ??
          (async (phase) => {
            await phase.started({ planner: 'test' });
            await phase.addSteps(
              (behaviour.steps ?? []).map((step) => admit(phase.attempt, step, behaviour.dispatch)),
            );
            await phase.seal({ intent: 'test' });
          }),
        join: behaviour.join ?? ((phase) => phase.finish(ANSWER)),
        persist: (phase) => phase.announce(),
      },
      { concurrency: 5, worker: 'test' },
    ),
  );
  const { concurrency = 20 } = behaviour;
  if (concurrency === 0) return;
  close(
    engine.consumeSteps(
      async (step, context) =>
        (behaviour.execute ?? ((begun) => completed({ id: begun.step })))(step, context),
      {
        classes: ['io', 'solo'],
        concurrency,
        worker: 'test',
      },
    ),
  );
}

/** Ends what hangs, before the test's own limit and with a better message; a busy machine takes its time. */
export const PATIENCE = () => AbortSignal.timeout(120_000);

/** Every event of the run until it ends. */
export async function untilEnd(engine: Engine, runId: RunId): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of engine.followEvents(runId, 0, PATIENCE())) events.push(event);
  const last = events.at(-1);
  if (!last || !isRunEnd(last.type)) throw new Error(`the run did not end; its last event is ${last?.type}`);
  return events;
}

/** Reconciles until `done`, as the results service does in the background. */
export async function reconcileUntil(engine: Engine, done: Promise<unknown>): Promise<void> {
  let over = false;
  void done.finally(() => {
    over = true;
  });
  while (!over) {
    await engine.reconcile();
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
}

/** Settings under which what was lost is found within a second. What has died is found once the test has ended its lease. */
export const FAST = { lease_ms: 60_000, renew_ms: 100, due_grace_ms: 200, due_recheck_ms: 200 };

/** Ends the leases on a step, or on `@plan` and so on, as time does where nobody renews them. */
export async function endLeases(t: ReturnType<typeof testEngine>, what: string): Promise<void> {
  const leases = `${namespaceOf(t)}:{p0}:leases`;
  for (const held of await t.redis.zrange(leases, '0', '-1'))
    if (held.endsWith(`|${what}`)) await t.redis.zadd(leases, 'XX', '1', held);
}

/** The first part of its Redis keys. */
export function namespaceOf(t: ReturnType<typeof testEngine>): string {
  return (t.engine.queues()[0]?.opts.prefix ?? '').split(':')[0] ?? '';
}
