import type { RunEvent } from '@planyard/contracts';
import { expect, test } from 'vitest';
import {
  ANSWER,
  admit,
  completed,
  consumeAll,
  failed,
  PATIENCE,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';
import { type Input, runGraph, typesOf } from './graph-harness.ts';
import type { BegunStep } from './step-execution.ts';

test('isolate, the default: dependents of a failure are skipped, other branches go on', async () => {
  const { states } = await runGraph(
    [{ id: 'a' }, { id: 'b', args: { x: { $from: 'a' } } }, { id: 'c', after: ['b'] }, { id: 'free' }],
    { a: () => failed() },
  );
  expect(states).toEqual({
    a: 'failed',
    b: 'skipped:dependency_failed',
    c: 'skipped:dependency_failed',
    free: 'completed',
  });
});

test('skip: dependents of a failure run without its result', async () => {
  let seen: BegunStep['deps'] = {};
  const { states } = await runGraph(
    [
      { id: 'a', on_error: 'skip' },
      { id: 'b', args: { x: { $from: 'a' } } },
    ],
    {
      a: () => failed(),
      b: (step) => {
        seen = step.deps;
        return completed(null);
      },
    },
  );
  expect(states).toEqual({ a: 'failed', b: 'completed' });
  expect(seen).toEqual({ '1.a': { status: 'none' } });
});

test('fallback: its own tool and arguments take the step’s place; a failed fallback isolates', async () => {
  const calls: string[] = [];
  const steps: Input[] = [
    { id: 'a', on_error: 'fallback', fallback: { tool: 'test.other', args: { y: 1 } } },
    { id: 'b', args: { x: { $from: 'a' } } },
  ];
  const mended = await runGraph(steps, {
    a: (step) => {
      calls.push(`${step.tool} ${JSON.stringify(step.args)}`);
      return step.is_fallback ? completed('mended') : failed();
    },
  });
  expect(calls).toEqual(['test.echo {}', 'test.other {"y":1}']);
  expect(mended.states).toEqual({ a: 'completed', b: 'completed' });
  const broken = await runGraph(steps, { a: () => failed() });
  expect(broken.states).toEqual({ a: 'failed', b: 'skipped:dependency_failed' });
});

test('an unknown outcome is neither retried nor replaced', async () => {
  const { order, states } = await runGraph(
    [{ id: 'a', on_error: 'fallback', fallback: { tool: 'test.other', args: {} } }],
    {
      a: () => ({
        kind: 'failed',
        error: { code: 'outcome_unknown', message: 'Who knows', retryable: true },
      }),
    },
  );
  expect(order).toEqual(['a']);
  expect(states).toEqual({ a: 'failed' });
});

test('fail_fast: the rest of the plan is aborted', async () => {
  const { states } = await runGraph(
    [
      { id: 'a', on_error: 'fail_fast' },
      { id: 'b', after: ['a'] },
      { id: 'c', after: ['b'] },
    ],
    {
      a: () => failed(),
    },
  );
  expect(states).toEqual({ a: 'failed', b: 'aborted:fail_fast', c: 'aborted:fail_fast' });
});

test('fail_fast: what is still streamed of the plan is aborted, too; the next attempt runs', async () => {
  const t = testEngine();
  const over = Promise.withResolvers<void>();
  const executed: string[] = [];
  consumeAll(t, {
    plan: async (phase) => {
      const { attempt } = phase;
      await phase.started({ planner: 'test', max_attempts: 2 });
      await phase.addSteps([admit(attempt, { id: 'a', on_error: 'fail_fast' })]);
      if (attempt === 1) await over.promise;
      await phase.addSteps([
        admit(attempt, { id: 'free' }),
        admit(attempt, { id: 'reads', args: { x: { $from: 'free' } } }),
        admit(attempt, { id: 'after', after: ['a'] }),
      ]);
      await phase.seal({ intent: '' });
    },
    join: (phase) => (phase.must_conclude ? phase.finish(ANSWER) : phase.replan('again')),
    execute: (step) => {
      executed.push(step.step);
      return step.step === '1.a' ? failed() : completed(null);
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  const events: RunEvent[] = [];
  for await (const event of t.engine.followEvents(record.id, 0, PATIENCE())) {
    events.push(event);
    if (event.type === 'step.failed') over.resolve();
  }
  expect(executed.filter((id) => id.startsWith('1.'))).toEqual(['1.a']);
  expect(executed.filter((id) => id.startsWith('2.'))).toHaveLength(4);
  const steps = (await t.engine.readSteps(record.id)).filter(({ id }) => id.startsWith('1.'));
  expect(steps.map(({ id, status, reason }) => [id, status, reason])).toEqual([
    ['1.a', 'failed', null],
    ['1.free', 'aborted', 'fail_fast'],
    ['1.reads', 'aborted', 'fail_fast'],
    ['1.after', 'aborted', 'fail_fast'],
  ]);
  expect(typesOf(events, 'free')).toEqual(['step.added', 'step.aborted']);
});

test('fail_fast: steps of another attempt that wait for what was aborted are skipped, as a rerun has them', async () => {
  const t = testEngine();
  consumeAll(t, {
    async plan(phase) {
      await phase.started({ planner: 'test', max_attempts: 1 });
      const steps = [
        admit(1, { id: 'a', on_error: 'fail_fast' }),
        admit(1, { id: 'b', after: ['a'] }),
        admit(2, { id: 'c', after: ['1.a'] }),
        admit(2, { id: 'd', args: { x: { $from: '1.b' } } }),
        admit(2, { id: 'e', after: ['d'] }),
        admit(2, { id: 'free' }),
      ];
      await phase.sealWith(steps, { intent: '' });
    },
    join: (phase) => phase.finish(ANSWER),
    execute: (step) => (step.step === '1.a' ? failed() : completed(null)),
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  const steps = await t.engine.readSteps(record.id);
  expect(steps.map(({ id, status, reason }) => [id, status, reason])).toEqual([
    ['1.a', 'failed', null],
    ['1.b', 'aborted', 'fail_fast'],
    ['2.c', 'skipped', 'dependency_failed'],
    ['2.d', 'skipped', 'dependency_aborted'],
    ['2.e', 'skipped', 'dependency_aborted'],
    ['2.free', 'completed', null],
  ]);
});

test('only an error that a retry can help is tried again, at most as often as allowed', async () => {
  const transient = await runGraph([{ id: 'a' }], {
    a: (step) => (step.try < 3 ? failed(true) : completed('third')),
  });
  expect(transient.order).toEqual(['a', 'a', 'a']);
  expect(transient.states).toEqual({ a: 'completed' });
  expect(typesOf(transient.events, 'a').filter((type) => type === 'step.failed')).toHaveLength(2);
  expect((await runGraph([{ id: 'a' }], { a: () => failed(true) }, { max_tries: 2 })).order).toEqual([
    'a',
    'a',
  ]);
  expect((await runGraph([{ id: 'a' }], { a: () => failed(false) })).order).toEqual(['a']);
});

test('the wait before another try is no delay of its dispatch', async () => {
  const waitMs = 2_000;
  const delays: number[] = [];
  const t = testEngine({
    random: () => 1,
    settings: { retry_base_ms: waitMs, retry_cap_ms: waitMs },
    observe: { stepBegun: (_tool, delayMs) => delays.push(delayMs) },
  });
  consumeAll(t, {
    steps: [{ id: 'a' }],
    dispatch: { max_tries: 2 },
    execute: () => (delays.length === 1 ? failed(true) : completed({})),
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  expect(delays).toHaveLength(2);
  expect(delays[1]).toBeLessThan(waitMs);
});

test('a tool that takes too long is stopped, also when it does not listen', async () => {
  const { states, events } = await runGraph([{ id: 'a', timeout_ms: 20, retry: { max_tries: 1 } }], {
    a: () => new Promise<never>(() => {}),
  });
  expect(states).toEqual({ a: 'failed' });
  expect(events.find((event) => event.type === 'step.failed')?.data).toMatchObject({
    error: { code: 'timeout' },
  });
});
