import { COLLECT_TOOL, type RunResponse } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { endedPlan } from './ended-plan.ts';

type About = Parameters<typeof endedPlan>[0];

const plan = {
  source: 'model',
  attempt: 1,
  wants: 'lookup',
  prompt: null,
  repairs: 0,
  reused_from: null,
  reuse: null,
};
const response = { usage: { cost_usd: 0 }, timings: { total_ms: 5, created_at: '2026-11-20T10:00:00.000Z' } };

const step = (id: string, more: object = {}) => ({
  id,
  tool: 'ci.get',
  status: 'completed',
  admitted: { data_deps: [] },
  ...more,
});

function ended(of: { plan?: object | null; attempt?: number; steps?: object[]; outcome?: object }) {
  const state = {
    plan: of.plan === null ? null : { ...plan, ...of.plan },
    agent: 'ops',
    attempt: of.attempt ?? 1,
    attempts_before: 0,
    record: { request: { composition: null, rerun: null } },
  };
  const outcome = { status: 'completed', citations: [], ...of.outcome };
  const about = { state, outcome, steps: of.steps ?? [] } as unknown as About;
  return endedPlan(about, response as unknown as RunResponse);
}

test('an attempt that its planner left behind is none of the plan', () => {
  const of = {
    plan: { attempt: 2 },
    attempt: 2,
    steps: [step('1.a', { status: 'aborted', reason: 'superseded' }), step('1.b'), step('2.a')],
    outcome: { citations: [{ step: '2.a' }] },
  };
  expect(ended(of)).toMatchObject({ steps_planned: 1, steps_useful: 1 });
});

test('a composition is one step, useful when any of its own is cited', () => {
  const collect = { tool: COLLECT_TOOL };
  const steps = [
    step('1.ctx__params', { ...collect, admitted: { data_deps: ['1.who'] } }),
    step('1.ctx__find'),
    step('1.ctx__load', { status: 'failed' }),
    step('1.ctx', {
      ...collect,
      admitted: { data_deps: ['1.who', '1.ctx__params'], optional_deps: ['1.ctx__find', '1.ctx__load'] },
    }),
    step('1.who'),
  ];
  expect(ended({ steps, outcome: { citations: [{ step: '1.ctx__find' }] } })).toMatchObject({
    steps_planned: 2,
    steps_useful: 1,
  });
});

test('a run that no plan could be made for is in the history; one that needed none is not', () => {
  const outcome = { status: 'failed', plan: { ...plan, attempt: 1 } };
  expect(ended({ plan: null, outcome })).toMatchObject({
    agent: 'ops',
    intent: 'lookup',
    status: 'failed',
    steps_planned: 0,
    reusable: false,
  });
  expect(ended({ plan: null })).toBeNull();
  expect(ended({ plan: null, outcome: { status: 'cancelled' } })).toBeNull();
  // Its planner kept throwing: it could not say what it would plan.
  const broken = { status: 'failed', error: { code: 'internal' } };
  expect(ended({ plan: null, outcome: broken })).toMatchObject({
    intent: 'other',
    source: 'model',
    status: 'failed',
    error: 'internal',
  });
});

test('a kept plan that did not do is evicted, not one that did', () => {
  const of = { plan: { source: 'similar', reused_from: 'run_x' } };
  expect(ended(of)).toMatchObject({ evicts: null });
  expect(ended({ ...of, outcome: { status: 'partial' } })).toMatchObject({ evicts: 'run_x' });
});
