import { newRunId } from '@planyard/contracts';
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
import { runGraph, typesOf } from './graph-harness.ts';
import type { BegunStep } from './step-execution.ts';

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

test('a step may refer to steps that settled before it was added', async () => {
  const t = testEngine();
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
  for await (const event of t.engine.followEvents(record.id, 0, PATIENCE())) {
    if (event.type === 'step.completed' || event.type === 'step.failed') seen.add(event.data.step);
    if (seen.has('1.a') && seen.has('1.gone')) settled.resolve();
  }
  const states = (await t.engine.readSteps(record.id)).map((step) => `${step.id} ${step.status}`);
  expect(states).toEqual(['1.a completed', '1.gone failed', '1.b completed', '1.c skipped']);
});

test('steps of another run enter the graph as they ended there, once, and a planner that dies in between does it again', async () => {
  const t = testEngine();
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
