import { randomUUID } from 'node:crypto';
import {
  type AdmittedStep,
  AdmittedStep as AdmittedStepSchema,
  isRunEnd,
  type ModelCall,
  newRunId,
  type RunEvent,
  type RunOutcome,
  type RunRecord,
  RunRequest,
  Usage,
} from '@planyard/contracts';
import { createEngine, type JoiningPhase } from '@planyard/engine';
import { createLogger } from '@planyard/runtime';
import {
  findRun,
  insertAccepted,
  listModelCalls,
  listRuns,
  listSteps,
  readEvents,
  sumUsage,
} from '@planyard/store';
import { openTestDatabase } from '@planyard/store/testing';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { configSchema } from './config.ts';
import { startResults } from './start-results.ts';

const CALL: ModelCall = {
  purpose: 'join',
  provider: 'scripted',
  model: 'm1',
  agent: null,
  status: 'ok',
  usage: Usage.parse({ input_tokens: 10, output_tokens: 5 }),
  cost_usd: 0.02,
  started_at: '2026-11-20T10:00:00.000Z',
  duration_ms: 3,
  first_token_ms: 1,
  request_id: 'req-1',
  prompt: 'plan@1 replan@2',
  error: null,
};

async function open() {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const database = await openTestDatabase(inject('postgresUrl'));
  const log = createLogger({ service: 'test', level: 'silent' });
  const registry = new Registry();
  let offset = 0;
  const config = configSchema.parse({
    REDIS_URL: inject('redisUrl'),
    DATABASE_URL: database.url,
    PLANYARD_NAMESPACE: namespace,
    RECONCILE_EVERY_MS: '100',
  });
  const results = await startResults({
    config,
    db: database.db,
    log,
    registry,
    now: () => Date.now() + offset,
  });
  const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 3 });
  const workerRedis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  const engine = createEngine({ redis, workerRedis, log, settings: { namespace } });
  let plan = (attempt: number) => [step(attempt, 'good'), step(attempt, 'bad')];
  let join: (phase: JoiningPhase) => Promise<void> = (phase) => phase.finish(outcome({}));
  const consumers = [
    engine.consumePhases(
      {
        async plan(phase) {
          await phase.started({ planner: 'scripted/m1' });
          await phase.addSteps(plan(phase.attempt));
          await phase.seal({ intent: 'test' });
        },
        join: (phase) => join(phase),
      },
      { concurrency: 5, worker: 'test' },
    ),
    engine.consumeSteps(
      async ({ step: id, frozen_args: approved }, { spent }) => {
        if (id.endsWith('asks') && approved === null)
          return { kind: 'awaiting_approval', bound_args: {}, effects: 'write', expires_in_ms: 60_000 };
        if (id.endsWith('bad')) {
          spent({ cost_usd: 0.05, model: 'scripted/m1', usage: Usage.parse({ input_tokens: 7 }) });
          return { kind: 'failed', error: { code: 'tool_failed', message: 'no luck', retryable: false } };
        }
        spent({ cost_usd: 0.05 });
        return {
          kind: 'completed',
          result: {
            value: 1,
            bytes: 1,
            count: 1,
            records: [{ type: 'item', id: 'ci_1', title: 'db-01' }],
          },
          bound_args: {},
          cached: false,
        };
      },
      { classes: ['io'], concurrency: 5, worker: 'test' },
    ),
  ];
  return {
    database,
    engine,
    redis,
    namespace,
    registry,
    joinWith(handler: typeof join) {
      join = handler;
    },
    planWith(steps: typeof plan) {
      plan = steps;
    },
    /** Lets time pass for what looks at old runs. */
    pass(ms: number) {
      offset += ms;
    },
    async accept(request: Partial<RunRequest> = {}): Promise<RunRecord> {
      const run: RunRecord = {
        id: newRunId(Date.now()),
        incarnation: 1,
        partition: 0,
        caller: { tenant: 'default', user: 'tester', key_id: 'k1' },
        request_id: 'req-1',
        request: RunRequest.parse({ question: 'How is db-01?', options: {}, ...request }),
        status: 'accepted',
        created_at: new Date().toISOString(),
      };
      await insertAccepted(database.db, run, null);
      return run;
    },
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.close(0)));
      await results.close();
      await engine.close();
      redis.disconnect();
      workerRedis.disconnect();
      await database.close();
    },
  };
}

describe('the results service', () => {
  let t: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    t = await open();
  });
  afterAll(() => t.close());

  async function untilEnd(run: RunRecord): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    for await (const event of t.engine.followEvents(run.id, 0, AbortSignal.timeout(120_000)))
      events.push(event);
    return events;
  }

  it('archives a run before it announces its end, with answer, evidence, use and times', async () => {
    t.joinWith(async (phase) => {
      await phase.answerStarted();
      for (const text of ['All ', 'is ', 'well.']) await phase.answerDelta(text);
      await phase.modelCalled(CALL);
      await phase.answerCompleted('All is well.');
      await phase.finish(
        outcome({
          status: 'partial',
          answer: 'All is well.',
          citations: [
            { step: '1.good', record_id: 'ci_1' },
            { step: 'good' },
            { step: '1.good', record_id: 'ci_9' },
            { step: '7.none' },
          ],
        }),
      );
    });
    const run = await t.accept({ budget: { cost_usd: 0.1, steps: 10 } });
    await t.engine.submitRun(run);
    let atEnd: Awaited<ReturnType<typeof findRun>> = null;
    const live: RunEvent[] = [];
    for await (const event of t.engine.followEvents(run.id, 0, AbortSignal.timeout(120_000))) {
      live.push(event);
      if (isRunEnd(event.type)) atEnd = await findRun(t.database.db, 'default', run.id);
    }
    expect(live.at(-1)?.type).toBe('run.partial');
    expect(atEnd?.record.status).toBe('partial');
    const response = atEnd?.response;
    expect(response).toMatchObject({
      id: run.id,
      status: 'partial',
      partial: true,
      answer: 'All is well.',
      missing: ['test.tool: no luck'],
      citations: [
        { step: '1.good', tool: 'test.tool', record: { type: 'item', id: 'ci_1', title: 'db-01' } },
        { step: '1.good', tool: 'test.tool', record: null },
      ],
      planner: 'scripted/m1',
      sample_data: false,
      error: null,
    });
    expect(response?.steps.map((each) => [each.id, each.status, each.error?.code])).toEqual([
      ['1.good', 'completed', undefined],
      ['1.bad', 'failed', 'tool_failed'],
    ]);
    const views = (await listSteps(t.database.db, 'default', run.id, { limit: 9 })).data;
    expect(views.map(({ cost_usd, usage }) => [cost_usd, usage?.input_tokens])).toEqual([
      [0.05, undefined],
      [0.05, 7],
    ]);
    expect(response?.usage).toEqual({
      models: [
        {
          provider: 'scripted',
          model: 'm1',
          calls: 2,
          usage: { ...CALL.usage, input_tokens: 17, output_tokens: 5 },
          cost_usd: expect.closeTo(0.07),
        },
      ],
      cost_usd: 0.12,
    });
    expect(response?.prompts).toEqual([
      { name: 'plan', version: '1' },
      { name: 'replan', version: '2' },
    ]);
    expect(response?.budget).toMatchObject({
      cost_usd: { used: 0.12, limit: 0.1, percent: 120, exceeded: true },
      steps: { used: 2, limit: 10, percent: 20, exceeded: false },
      tokens: { used: 22, limit: null, percent: null, exceeded: false },
    });
    expect(response?.timings.total_ms).toBeGreaterThan(0);

    const archived = await readEvents(t.database.db, 'default', run.id, { after: 0, limit: 1000 });
    const deltas = archived.filter((event) => event.type === 'answer.delta');
    expect(deltas.map((event) => event.data)).toEqual([{ attempt: 1, text: 'All is well.' }]);
    const rest = (events: RunEvent[]) =>
      events.filter((event) => event.type !== 'answer.delta' && !isRunEnd(event.type));
    expect(rest(archived)).toEqual(rest(live));
    expect(archived.at(-1)).toMatchObject({ number: live.at(-1)?.number, type: 'run.partial' });
    expect((await listModelCalls(t.database.db, 'default', run.id, { limit: 9 })).data).toEqual([CALL]);
    const used = { from: new Date(0), to: new Date(Date.now() + 60_000), kind: 'tool' } as const;
    expect(await sumUsage(t.database.db, 'default', ['tool', 'key'], used)).toMatchObject([
      {
        tool: 'test.tool',
        key: 'k1',
        calls: 2,
        errors: 1,
        input_tokens: 7,
        cost_usd: 0.1,
        unpriced_calls: 0,
      },
    ]);
    expect(await t.registry.getSingleMetricAsString('planyard_runs_total')).toContain('{status="partial"} 1');
  });

  it('says that the cost is unknown where a model without a price was called', async () => {
    t.joinWith(async (phase) => {
      await phase.modelCalled(CALL);
      await phase.modelCalled({ ...CALL, model: 'm2', cost_usd: null });
      await phase.finish(outcome({ answer: 'done' }));
    });
    const run = await t.accept();
    await t.engine.submitRun(run);
    await untilEnd(run);
    const archived = await findRun(t.database.db, 'default', run.id);
    expect(archived?.response?.usage).toMatchObject({
      models: [{ cost_usd: expect.closeTo(0.07) }, { cost_usd: null }],
      cost_usd: null,
    });
    const listed = await listRuns(t.database.db, 'default', { limit: 10 });
    expect(listed.data.find(({ id }) => id === run.id)?.cost_usd).toBeNull();
  });

  it('tells why a run failed', async () => {
    const error = { code: 'no_evidence' as const, message: 'Nothing was found', retryable: false };
    t.joinWith((phase) => phase.finish(outcome({ status: 'failed', error })));
    const run = await t.accept();
    await t.engine.submitRun(run);
    const events = await untilEnd(run);
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', data: { error: { code: 'no_evidence' } } });
    expect((await findRun(t.database.db, 'default', run.id))?.response).toMatchObject({
      status: 'failed',
      answer: null,
      partial: false,
      error: { code: 'no_evidence' },
    });
  });

  it('rebuilds what Postgres has accepted and Redis does not know', async () => {
    t.joinWith((phase) => phase.finish(outcome({ answer: 'late' })));
    const run = await t.accept();
    t.pass(60_000);
    await expect
      .poll(() => findRun(t.database.db, 'default', run.id))
      .toMatchObject({ record: { status: 'completed', incarnation: 2 }, response: { answer: 'late' } });
    expect(await t.registry.getSingleMetricAsString('planyard_reconciler_repairs_total')).toMatch(
      /run_lost"\} 1/,
    );
  });

  it('counts each step once, by how it ended, whoever ended it', async () => {
    t.planWith((attempt) => [
      step(attempt, 'bad', 'm.bad'),
      step(attempt, 'skips', 'm.skips', ['bad']),
      step(attempt, 'asks', 'm.asks'),
      step(attempt, 'also_asks', 'm.late', ['asks']),
    ]);
    const run = await t.accept();
    await t.engine.submitRun(run);
    for await (const event of t.engine.followEvents(run.id, 0, AbortSignal.timeout(120_000))) {
      if (event.type !== 'step.awaiting_approval') continue;
      if (event.data.step === '1.asks')
        await t.engine.approveStep(run.id, '1.asks', { by: 'ana', comment: null });
      else await t.engine.cancelRun(run.id);
    }
    const counted = await t.registry.getSingleMetricAsString('planyard_steps_total');
    expect(counted.match(/\{tool="m\..*/g)?.sort()).toEqual([
      '{tool="m.asks",outcome="completed"} 1',
      '{tool="m.bad",outcome="failed"} 1',
      '{tool="m.late",outcome="aborted"} 1',
      '{tool="m.skips",outcome="skipped"} 1',
    ]);
  });

  it('takes no time of its budget for that of a person', async () => {
    t.planWith((attempt) => [step(attempt, 'asks'), step(attempt, 'also_asks', 'm.late', ['asks'])]);
    const run = await t.accept({ budget: { ms: 60_000 } });
    await t.engine.submitRun(run);
    let waited = 0;
    for await (const event of t.engine.followEvents(run.id, 0, AbortSignal.timeout(120_000))) {
      if (event.type === 'step.awaiting_approval') {
        waited -= Date.parse(event.at);
        await t.engine.approveStep(run.id, event.data.step, { by: 'ana', comment: null });
      }
      if (event.type === 'step.approved') waited += Date.parse(event.at);
    }
    const response = (await findRun(t.database.db, 'default', run.id))?.response;
    expect(response?.budget.ms.used).toBe((response?.timings.total_ms ?? 0) - waited);
    expect(waited).toBeGreaterThan(0);
  });

  it('says how deep the queues are', async () => {
    const text = await t.registry.metrics();
    expect(text).toMatch(/planyard_queue_depth\{queue="plan"\} 0/);
    expect(text).toMatch(/planyard_queue_age_seconds\{queue="tool-io"\} 0/);
    expect(text).toMatch(/planyard_open_runs 0/);
  });
});

function outcome(parts: Partial<RunOutcome>): RunOutcome {
  return {
    status: 'completed',
    answer: null,
    citations: [],
    missing: [],
    planner: null,
    error: null,
    ...parts,
  };
}

function step(attempt: number, id: string, tool = 'test.tool', after: string[] = []): AdmittedStep {
  return AdmittedStepSchema.parse({
    id: `${attempt}.${id}`,
    spec: { id, tool },
    data_deps: [],
    after_deps: after.map((name) => `${attempt}.${name}`),
    dispatch: { class: 'io', timeout_ms: 60_000, max_tries: 1 },
  });
}
