import { type Spending, Usage } from '@planyard/contracts';
import { expect, test } from 'vitest';
import {
  completed,
  consumeAll,
  endLeases,
  FAST,
  failed,
  reconcileUntil,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';
import type { BegunStep, StepContext, StepOutcome } from './step-execution.ts';
import { openTimer } from './testing/open-timer.ts';

const SMALL = { settings: { retry_base_ms: 1 } };

const tokens = (model: string, input_tokens: number, cost_usd: number): Spending => ({
  cost_usd,
  model,
  usage: Usage.parse({ input_tokens }),
});

/** As a tool worker does it with a tool that states a cost. */
const pay = async (context: StepContext, costUsd: number): Promise<StepOutcome> => {
  await context.makeCall(costUsd, () => context.spent({ cost_usd: costUsd }));
  return completed(1);
};

const attempt = (execute: Promise<StepOutcome>): Promise<StepOutcome> =>
  execute.catch((error) => ({ kind: 'failed', error: error.toBody() }));

test('what tries and a fallback spend adds up on the step and its run, failed ones too', async () => {
  const t = testEngine(SMALL);
  consumeAll(t, {
    steps: [
      { id: 'a', on_error: 'fallback', fallback: { tool: 'test.other', args: {} }, retry: { max_tries: 2 } },
    ],
    execute: (step, { spent }) => {
      spent(tokens('one/m', 10, 0.1));
      spent(step.is_fallback ? tokens('one/m/x', 5, 0.05) : { cost_usd: 0.1 });
      return step.is_fallback ? completed(1) : failed(true);
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  const [step] = await t.engine.readSteps(record.id);
  expect(step).toMatchObject({
    status: 'completed',
    cost_usd: 0.55,
    models: [
      { provider: 'one', model: 'm', calls: 3, usage: { input_tokens: 30 }, cost_usd: expect.closeTo(0.3) },
      { provider: 'one', model: 'm/x', calls: 1, usage: { input_tokens: 5 }, cost_usd: 0.05 },
    ],
  });
  expect(await t.engine.readRun(record.id)).toMatchObject({ cost_usd: 0.55, tokens: 35 });
});

test('a step ends once it has spent more than its budget, and begins no call that would', async () => {
  const t = testEngine(SMALL);
  const ran: string[] = [];
  consumeAll(t, {
    steps: [
      { id: 'over', budget: { cost_usd: 0.3 } },
      { id: 'stated', budget: { cost_usd: 0.3 } },
      { id: 'within', budget: { cost_usd: 0.3 }, retry: { max_tries: 3 } },
    ],
    execute: async (step, context) => {
      if (step.step === '1.over') {
        context.spent({ cost_usd: 0.31 });
        return new Promise(() => {});
      }
      if (step.step === '1.stated') return attempt(pay(context, 0.31).finally(() => ran.push('stated')));
      await pay(context, 0.1);
      return step.try === 3 ? completed(1) : failed(true);
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  expect(await t.engine.readSteps(record.id)).toMatchObject([
    {
      status: 'failed',
      begins: 1,
      cost_usd: 0.31,
      error: { code: 'budget_exceeded', message: "the step's budget of 0.3 USD is used up" },
    },
    {
      cost_usd: 0,
      error: {
        code: 'budget_exceeded',
        message: "the step's budget of 0.3 USD does not cover this call",
      },
    },
    { status: 'completed', begins: 3, cost_usd: 0.3 },
  ]);
});

test('a run begins no call that its budget does not cover: what others are expected to cost is taken from it first', async () => {
  const t = testEngine();
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  consumeAll(t, {
    steps: [
      { id: 'a' },
      { id: 'b' },
      { id: 'c', after: ['a', 'b'] },
      { id: 'd', after: ['c'] },
      { id: 'e', after: ['a', 'b'] },
    ],
    execute: async (step, context) => {
      if (step.step === '1.e') return completed('free');
      return attempt(
        context.makeCall(0.1, async () => {
          // Both are expected to cost 0.1, of which one costs nothing.
          if (step.step === '1.a' || step.step === '1.b') {
            waiting += 1;
            if (waiting === 2) both.resolve();
            await both.promise;
          }
          context.spent({ cost_usd: step.step === '1.b' ? 0 : 0.1 });
          return completed(1);
        }),
      );
    },
  });
  const record = runRecord({ budget: { cost_usd: 0.25 } });
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  expect(await t.engine.readRun(record.id)).toMatchObject({ cost_usd: 0.2 });
  expect(await t.engine.readSteps(record.id)).toMatchObject([
    { cost_usd: 0.1 },
    { cost_usd: 0 },
    { status: 'completed', cost_usd: 0.1 },
    {
      status: 'failed',
      error: { code: 'budget_exceeded', message: 'the budget of 0.25 USD does not cover this call' },
    },
    { status: 'completed', cost_usd: 0 },
  ]);
});

test('a run that has used its tokens up begins no call that costs', async () => {
  const t = testEngine();
  consumeAll(t, {
    steps: [{ id: 'a' }, { id: 'b', after: ['a'] }],
    execute: (step, context) => {
      if (step.step === '1.b') return attempt(pay(context, 0.1));
      context.spent(tokens('one/m', 50, 0));
      return completed(1);
    },
  });
  const record = runRecord({ budget: { tokens: 50 } });
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  const [, refused] = await t.engine.readSteps(record.id);
  expect(refused?.error).toMatchObject({
    code: 'budget_exceeded',
    message: 'the budget of 50 tokens is used up',
  });
});

test('a call whose cost nobody heard of is charged at its estimate when it is cut off', async () => {
  const t = testEngine(SMALL);
  const timer = openTimer(54_321);
  consumeAll(t, {
    steps: [{ id: 'slow', timeout_ms: 54_321, retry: { max_tries: 1 } }, { id: 'told' }],
    execute: async (step, context) => {
      await context.makeCall(0.1, () => {});
      if (step.step === '1.slow') timer.fire();
      if (step.step === '1.told') context.spent({ cost_usd: 0.03 });
      if (step.step === '1.told' && step.try === 2) return completed(1);
      if (step.step === '1.told') return failed(true);
      return new Promise(() => {});
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  expect((await t.engine.readSteps(record.id)).map(({ cost_usd }) => cost_usd)).toEqual([0.1, 0.06]);
  expect((await t.engine.readRun(record.id))?.cost_usd).toBe(0.16);
});

test('a worker that dies leaves the estimate of its call charged, and one that asks twice for a call is charged once', async () => {
  const t = testEngine({ settings: FAST });
  consumeAll(t, { concurrency: 0, steps: [{ id: 'a' }] });
  const options = { classes: ['io'], concurrency: 1, worker: 'test' };
  const called = Promise.withResolvers<BegunStep>();
  const dead = testEngine({
    settings: {
      ...FAST,
      renew_ms: 60_000,
      namespace: t.engine.queues()[0]?.opts.prefix?.split(':')[0] ?? '',
    },
  });
  dead.close(
    dead.engine.consumeSteps(async (step, context) => {
      await context.makeCall(0.1, () => {});
      await context.makeCall(0.1, () => {});
      called.resolve(step);
      return new Promise(() => {});
    }, options),
  );
  const record = runRecord();
  await t.engine.submitRun(record);
  await called.promise;
  expect((await t.engine.readRun(record.id))?.cost_usd).toBe(0.1);
  t.close(t.engine.consumeSteps((_, context) => pay(context, 0.1), { ...options, worker: 'second' }));
  await endLeases(t, '1.a');
  const end = untilEnd(t.engine, record.id);
  await reconcileUntil(t.engine, end);
  await end;
  expect(await t.engine.readSteps(record.id)).toMatchObject([{ status: 'completed', cost_usd: 0.2 }]);
  expect((await t.engine.readRun(record.id))?.cost_usd).toBe(0.2);
});
