import { type AdmittedStep, type EventType, newRunId, type RunEvent } from '@planyard/contracts';
import { expect, inject, test } from 'vitest';
import {
  ANSWER,
  admit,
  completed,
  consumeAll,
  failed,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';
import type { BegunStep, StepOutcome } from './step-execution.ts';

const redisUrl = inject('redisUrl');

type Input = Parameters<typeof admit>[1];
interface Result {
  order: string[];
  events: RunEvent[];
  states: Record<string, string>;
}

/** Runs a graph; `behave` says what a step does, `completed` where it says nothing. */
async function runGraph(
  steps: Input[],
  behave: Record<string, (step: BegunStep) => StepOutcome | Promise<StepOutcome>> = {},
  dispatch: Partial<AdmittedStep['dispatch']> = {},
): Promise<Result> {
  const t = testEngine(redisUrl, { random: () => 0.01 });
  const order: string[] = [];
  consumeAll(t, {
    steps,
    dispatch,
    execute: (step) => {
      const id = step.step.slice(2);
      order.push(id);
      return behave[id]?.(step) ?? completed({ id, items: [1, 2] });
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  const events = await untilEnd(t.engine, record.id);
  const states: Record<string, string> = {};
  for (const step of await t.engine.readSteps(record.id))
    states[step.id.slice(2)] = step.reason ? `${step.status}:${step.reason}` : step.status;
  return { order, events, states };
}

function typesOf(events: RunEvent[], step: string): EventType[] {
  return events.flatMap((event) =>
    'step' in event.data && event.data.step === `1.${step}` ? [event.type] : [],
  );
}

test('a diamond runs each step once and in order; events are numbered without gaps', async () => {
  const { order, events } = await runGraph([
    { id: 'a' },
    { id: 'b', args: { x: { $from: 'a', path: 'id' } } },
    { id: 'c', args: { x: 'see ${a.id}' } },
    { id: 'd', after: ['b', 'c'] },
  ]);
  expect([order[0], [order[1], order[2]].sort(), order[3]]).toEqual(['a', ['b', 'c'], 'd']);
  expect(order).toHaveLength(4);
  expect(events.map((event) => event.number)).toEqual(events.map((_, index) => index + 1));
  expect([events.at(0)?.type, events.at(-1)?.type]).toEqual(['run.accepted', 'run.completed']);
  expect(typesOf(events, 'd')).toEqual(['step.added', 'step.queued', 'step.started', 'step.completed']);
});

test('a dependent gets the results of what it refers to, and only those', async () => {
  let seen: BegunStep['deps'] = {};
  await runGraph([{ id: 'a' }, { id: 'other' }, { id: 'b', args: { x: { $from: 'a' } }, after: ['other'] }], {
    b: (step) => {
      seen = step.deps;
      return completed(null);
    },
  });
  expect(Object.keys(seen)).toEqual(['1.a']);
  expect(seen['1.a']).toMatchObject({ status: 'completed', result: { value: { id: 'a', items: [1, 2] } } });
});

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
  const t = testEngine(redisUrl);
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
  for await (const event of t.engine.followEvents(record.id, 0, AbortSignal.timeout(10_000))) {
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

test('a condition that is false skips the step and its data dependents, but satisfies `after`', async () => {
  const { states } = await runGraph(
    [
      { id: 'a' },
      { id: 'b', args: { x: { $from: 'a' } } },
      { id: 'order', after: ['a'] },
      { id: 'order2', after: ['b'] },
    ],
    { a: () => ({ kind: 'skipped' }) },
  );
  expect(states).toEqual({
    a: 'skipped:condition',
    b: 'skipped:condition',
    order: 'completed',
    order2: 'completed',
  });
});

test('a step goes on without an optional one that its condition skipped, reads null from it, and not without one that failed', async () => {
  const seen: unknown[] = [];
  const steps = ['a', 'b', 'c'].map((id) => ({ id }));
  const { states } = await runGraph(
    [
      ...steps,
      { id: 'gathers', args: { x: { $from: 'a' }, y: { $from: 'b' } }, optional: ['a', 'b'] },
      { id: 'reads', args: { x: { $from: 'gathers' } } },
      { id: 'fails', args: { x: { $from: 'b' }, y: { $from: 'c' } }, optional: ['b', 'c'] },
    ],
    {
      a: () => ({ kind: 'skipped' }),
      c: () => failed(),
      gathers: (step) => {
        seen.push(step.deps['1.a']?.status, step.deps['1.b']?.status);
        return completed('both');
      },
    },
  );
  expect(states).toEqual({
    a: 'skipped:condition',
    b: 'completed',
    c: 'failed',
    gathers: 'completed',
    reads: 'completed',
    fails: 'skipped:dependency_failed',
  });
  expect(seen).toEqual(['none', 'completed']);
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
  const t = testEngine(redisUrl, {
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

test('a step may refer to steps that settled before it was added', async () => {
  const t = testEngine(redisUrl);
  const settled = Promise.withResolvers<void>();
  consumeAll(t, {
    plan: async (phase) => {
      await phase.addSteps([admit(1, { id: 'a' }), admit(1, { id: 'gone' })]);
      await settled.promise;
      await phase.addSteps([
        admit(1, { id: 'b', args: { x: { $from: 'a' } } }),
        admit(1, { id: 'c', args: { x: { $from: 'gone' } } }),
      ]);
      await phase.seal({ intent: '' });
    },
    execute: (step) => (step.step === '1.gone' ? failed() : completed({ id: step.step })),
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  const seen = new Set<string>();
  for await (const event of t.engine.followEvents(record.id, 0, AbortSignal.timeout(10_000))) {
    if (event.type === 'step.completed' || event.type === 'step.failed') seen.add(event.data.step);
    if (seen.has('1.a') && seen.has('1.gone')) settled.resolve();
  }
  const states = (await t.engine.readSteps(record.id)).map((step) => `${step.id} ${step.status}`);
  expect(states).toEqual(['1.a completed', '1.gone failed', '1.b completed', '1.c skipped']);
});

test('steps of another run enter the graph as they ended there, once, and a planner that dies in between does it again', async () => {
  const t = testEngine(redisUrl);
  const parent = newRunId(Date.now());
  const executed: string[] = [];
  const phases: string[] = [];
  const end = { reason: null, tool: 'test.echo', fallback_used: false, bound_args: {}, error: null };
  const more = { approval: null, call_hash: null, copied_from: parent };
  const result = { value: 'kept', bytes: 6, count: null, records: [] };
  consumeAll(t, {
    async plan(phase) {
      phases.push(`${phase.attempt} ${phase.reason} ${phase.steps.length}`);
      await phase.started({ planner: 'test', max_attempts: 1 });
      await phase.copySteps([
        { ...end, ...more, admitted: admit(1, { id: 'a' }), status: 'completed', result },
        {
          ...end,
          ...more,
          admitted: admit(2, { id: 'b' }),
          status: 'skipped',
          reason: 'condition',
          result: null,
        },
      ]);
      if (phases.length === 1) throw new Error('the planner dies');
      const anew = [
        admit(2, { id: 'c', args: { x: { $from: '1.a' } } }),
        admit(2, { id: 'd', args: { x: { $from: '2.b' } } }),
        admit(2, { id: 'e', after: ['2.b'] }),
      ];
      await phase.sealWith(anew, { intent: 'again' });
      await expect(phase.addSteps([admit(2, { id: 'late' })])).rejects.toMatchObject({ code: 'stale' });
    },
    async join(phase) {
      phases.push(`joins ${phase.must_conclude}`);
      await phase.finish(ANSWER);
    },
    execute: (step) => {
      executed.push(step.step);
      return completed(step.deps['1.a'] ?? null);
    },
  });
  const record = runRecord({ rerun: { run_id: parent, from: '2.c', args: null, attempt: 2 } });
  await t.engine.submitRun(record);
  const events = await untilEnd(t.engine, record.id);
  expect(phases).toEqual(['2 first 0', '3 restart 2', 'joins attempts']);
  expect(executed.sort()).toEqual(['2.c', '2.e']);
  const steps = await t.engine.readSteps(record.id);
  expect(
    steps.map(({ id, status, reason, copied_from, begins }) => [id, status, reason, copied_from, begins]),
  ).toEqual([
    ['1.a', 'completed', null, parent, 0],
    ['2.b', 'skipped', 'condition', parent, 0],
    ['2.c', 'completed', null, null, 1],
    ['2.d', 'skipped', 'condition', null, 0],
    ['2.e', 'completed', null, null, 1],
  ]);
  expect(steps[2]?.result?.value).toMatchObject({ status: 'completed', result: { value: 'kept' } });
  expect(events.filter(({ type }) => type === 'step.added')).toHaveLength(5);
  expect((await t.engine.readRun(record.id))?.steps_used).toBe(3);
});
