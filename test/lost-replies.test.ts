import { randomUUID } from 'node:crypto';
import {
  type AdmittedStep,
  ModelCall,
  newRunId,
  PlanStep,
  type RunId,
  type RunOutcome,
  RunRequest,
  type StepId,
} from '@planyard/contracts';
import { createEngine } from '@planyard/engine';
import { openWay } from '@planyard/gateway/testing';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';

const CALL = ModelCall.parse({
  purpose: 'plan',
  provider: 'scripted',
  model: 'm1',
  agent: null,
  status: 'ok',
  usage: { input_tokens: 10, output_tokens: 5 },
  cost_usd: 0.02,
  started_at: '2026-11-20T10:00:00.000Z',
  duration_ms: 3,
  first_token_ms: 1,
  request_id: 'req-1',
});

const OUTCOME: RunOutcome = {
  status: 'completed',
  answer: 'done',
  citations: [],
  missing: [],
  planner: 'test',
  error: null,
};

const step = (id: string, after: StepId[] = []): AdmittedStep => ({
  id: `1.${id}`,
  spec: PlanStep.parse({ id, tool: 'test.tool' }),
  data_deps: [],
  after_deps: after,
  dispatch: { class: 'io', timeout_ms: 5_000, max_tries: 1 },
});

/** An engine whose consumers reach Redis over a way that can be cut after Redis has done a write and before anybody hears of it. */
async function lossyEngine() {
  const way = await openWay(inject('redisUrl'));
  const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 3 });
  const workerRedis = new Redis(way.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  workerRedis.on('error', () => {});
  const log = { warn: () => {}, error: () => {} };
  const settings = { namespace: `t${randomUUID().slice(0, 8)}` };
  const settled: string[] = [];
  const observe = { stepSettled: (_tool: string, outcome: string) => void settled.push(outcome) };
  const engine = createEngine({ redis, workerRedis, log, settings, observe });
  const consumers: { close(graceMs: number): Promise<void> }[] = [];
  onTestFinished(async () => {
    await Promise.all(consumers.map((consumer) => consumer.close(0)));
    await engine.close();
    await other.close();
    way.cut();
    redis.disconnect();
    workerRedis.disconnect();
  });

  async function submit(id: RunId): Promise<void> {
    await engine.submitRun({
      id,
      incarnation: 1,
      partition: 0,
      caller: { tenant: 'default', user: 'tester', key_id: 'k1' },
      request_id: 'req-1',
      request: RunRequest.parse({ question: 'q', options: {} }),
      status: 'accepted',
      created_at: new Date().toISOString(),
    });
  }

  /** Once Redis has done what is under way and the reply is lost, the way opens again. */
  async function afterDone(isDone: () => Promise<boolean>): Promise<void> {
    try {
      await expect.poll(isDone).toBe(true);
    } finally {
      way.cut();
      await way.mend();
    }
  }

  /** Loses the reply to the next script of a consumer that is called with this word. */
  async function loseReplyTo(word: string, isDone: () => Promise<boolean>): Promise<void> {
    const called = Promise.withResolvers<void>();
    const { evalsha } = workerRedis;
    workerRedis.evalsha = ((...args: Parameters<typeof evalsha>) => {
      if (args.includes(word)) {
        way.loseReplies();
        workerRedis.evalsha = evalsha;
        called.resolve();
      }
      return evalsha.apply(workerRedis, args);
    }) as typeof evalsha;
    await called.promise;
    await afterDone(isDone);
  }
  /** The engine of somebody else, whose replies are lost, too. */
  const other = createEngine({ redis: workerRedis, log, settings });
  return { engine, other, way, consumers, submit, afterDone, loseReplyTo, settled };
}

/** Plans a run; where `lossy`, no reply to a write comes through. */
async function plan(lossy: boolean): Promise<{ run: unknown; steps: unknown; events: unknown }> {
  const { engine, way, consumers, submit, afterDone } = await lossyEngine();

  async function perform<T>(id: RunId, write: () => Promise<T>): Promise<T> {
    if (!lossy) return write();
    const before = (await engine.readRun(id))?.last_event;
    way.loseReplies();
    const written = write();
    await afterDone(async () => (await engine.readRun(id))?.last_event !== before);
    return written;
  }

  const planned = Promise.withResolvers<void>();
  consumers.push(
    engine.consumePhases(
      {
        async plan(phase) {
          const id = phase.run_id;
          const started = await perform(id, () => phase.started({ planner: 'test' }));
          await perform(id, () => started.modelCalled(CALL));
          await perform(id, () => started.addSteps([step('a'), step('b')]));
          await perform(id, () => started.answerDelta('so far'));
          planned.resolve();
        },
      },
      { concurrency: 1, worker: 'test' },
    ),
  );
  const id = newRunId(Date.now());
  await submit(id);
  await planned.promise;
  const run = await engine.readRun(id);
  return {
    run: [run?.attempt, run?.cost_usd, run?.tokens, run?.steps_used],
    steps: (await engine.readSteps(id)).map((each) => [each.id, each.status]),
    events: (await engine.readEvents(id, 0)).map(({ number, type }) => [number, type]),
  };
}

test('a planner that hears nothing of its writes and sends them again has written each once', async () => {
  const heard = await plan(false);
  expect(heard.run).toEqual([1, 0.02, 15, 2]);
  expect(await plan(true)).toEqual(heard);
});

test('who begins a phase or a step, or takes one over, hears nothing and asks again is given it: no attempt and no crash is counted, and what it settled once', async () => {
  const { engine, consumers, submit, loseReplyTo, settled } = await lossyEngine();
  let lossy = false;
  let settling: Promise<void> | undefined;
  const recovered: boolean[] = [];
  consumers.push(
    engine.consumePhases(
      {
        async plan(phase) {
          const id = phase.run_id;
          const isBegun = async () => (await engine.readStep(id, '1.a'))?.status === 'running';
          const lost = lossy ? loseReplyTo('worker-1', isBegun) : undefined;
          await phase.addSteps([step('a'), step('b', ['1.a'])]);
          await lost;
          await phase.seal({ intent: 'test' });
        },
        join: (phase) => phase.finish(OUTCOME),
        persist: (phase) => phase.announce(),
      },
      { concurrency: 1, worker: 'test' },
    ),
    engine.consumeSteps(
      async (begun) => {
        recovered.push(begun.recovered);
        const isTakenOver = async () => (await engine.readStep(begun.run_id, '1.b'))?.status === 'running';
        if (lossy && begun.step === '1.a') settling = loseReplyTo('completed', isTakenOver);
        return {
          kind: 'completed',
          result: { value: 1, bytes: 1, count: null, records: [] },
          bound_args: {},
          cached: false,
        };
      },
      { classes: ['io'], concurrency: 1, worker: 'worker-1' },
    ),
  );
  // Before anything is lost Redis gets the scripts.
  for (lossy of [false, true]) {
    const id = newRunId(Date.now());
    const isPlanning = async () => (await engine.readStatus(id)) === 'planning';
    const lost = lossy ? loseReplyTo('plan', isPlanning) : undefined;
    await submit(id);
    await lost;
    const events = await Array.fromAsync(engine.followEvents(id, 0, AbortSignal.timeout(120_000)));
    await settling;
    expect(events.at(-1)?.type).toBe('run.completed');
    const steps = await engine.readSteps(id);
    expect([(await engine.readRun(id))?.attempt, ...steps.map(({ begins }) => begins)]).toEqual([1, 1, 1]);
  }
  expect(recovered).toEqual([false, false, false, false]);
  expect(settled).toEqual(Array(4).fill('completed'));
});

test('who decides about a step, or cancels, hears nothing and asks again has done so: it is no conflict', async () => {
  const { engine, other, consumers, submit, loseReplyTo } = await lossyEngine();
  consumers.push(
    engine.consumePhases(
      {
        async plan(phase) {
          await phase.addSteps([step('a'), step('b')]);
          await phase.seal({ intent: 'test' });
        },
      },
      { concurrency: 1, worker: 'test' },
    ),
    engine.consumeSteps(
      async () => ({
        kind: 'awaiting_approval',
        bound_args: {},
        effects: 'write',
        expires_in_ms: 60_000,
      }),
      { classes: ['io'], concurrency: 2, worker: 'worker-1' },
    ),
  );
  for (const lossy of [false, true]) {
    const id = newRunId(Date.now());
    await submit(id);
    const statuses = async () => (await engine.readSteps(id)).map(({ status }) => status);
    await expect.poll(statuses).toEqual(['awaiting_approval', 'awaiting_approval']);
    const by = { by: 'ann', comment: null };
    const isRejected = async () => (await statuses())[0] === 'failed';
    const noReply = lossy ? loseReplyTo('reject', isRejected) : undefined;
    await other.rejectStep(id, '1.a', by);
    await noReply;
    const outcome = JSON.stringify({ ...OUTCOME, status: 'cancelled', answer: null, planner: null });
    const isAborted = async () => (await statuses())[1] === 'aborted';
    const noReplyEither = lossy ? loseReplyTo(outcome, isAborted) : undefined;
    expect(await other.cancelRun(id)).toBe(true);
    await noReplyEither;
  }
});
