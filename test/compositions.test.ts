import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompositionResult, RunEvent } from '@planyard/contracts';
import { textReply } from '@planyard/llm/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { hospital } from './questions/hospital.ts';
import { loadFixture } from './questions/inventory-fixture.ts';
import { type House, openHouse } from './support/house.ts';
import { type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';

const POLICIES = `
name: policies
description: Steps that fail, each in its way.
parameters:
  id: { type: string }
  fast: { type: boolean, default: false }
steps:
  - id: first
    tool: ci.get
    args: { id: { $from: params, path: id } }
  - id: skipped
    tool: ci.get
    on_error: skip
    args: { id: no-such-item }
  - id: replaced
    tool: ci.get
    on_error: fallback
    args: { id: no-such-item }
    fallback: { tool: ci.get, args: { id: '\${first.item.code}' } }
  - id: fatal
    tool: ci.get
    when: { $from: params, path: fast }
    args: { id: no-such-item }
  - id: last
    tool: ci.get
    args: { id: { $from: params, path: id } }
`;
const OF_MANY = `
name: of_many
description: The load of many.
parameters:
  ids: { type: array }
steps:
  - id: load
    tool: metric.aggregate
    args: { ci_ids: { $from: params, path: ids }, metric: temperature }
`;
const MODULE = `
export const composition = {
  name: 'from_module',
  description: 'An item, from a module.',
  parameters: { id: { type: 'string' } },
  steps: [{ id: 'get', tool: 'ci.get', args: { id: { $from: 'params', path: 'id' } } }],
};
`;

let server: ScriptedModel;
let house: House;
let dir: string;

beforeAll(async () => {
  server = await startScriptedModel({
    compositions: { 'policies.yaml': POLICIES, 'of-many.yaml': OF_MANY, 'from-module.mjs': MODULE },
  });
  dir = server.env.PLANYARD_COMPOSITIONS as string;
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    env: {
      ...server.env,
      // Times that are due go to gateways of this story alone.
      PLANYARD_SCHEDULE_MIN_SECONDS: '1',
    },
  });
  await loadFixture(house.db, 'default', hospital, new Date());
});
afterAll(async () => {
  await house?.close();
  await server?.close();
});

async function run(name: string, parameters: object): Promise<CompositionResult> {
  const reply = await house.request('POST', `/v1/compositions/${name}/run`, { parameters });
  expect(reply.status).toBe(200);
  return reply.json as unknown as CompositionResult;
}

test('every composition that is shipped runs on an inventory, without a model', async () => {
  server.requests.length = 0;
  for (const [name, parameters] of [
    ['search_with_context', { query: 'MRI-1', metric: 'temperature' }],
    ['graph_with_metrics', { ci: 'MRI-1', metric: 'temperature' }],
    ['history_aggregate', { metric: 'temperature' }],
    ['incident_timeline', { ci: 'MRI-1', range: 'last_7d', metric: 'temperature' }],
  ] as const) {
    const result = await run(name, parameters);
    expect({ name, status: result.status, errors: result.metadata.errors }).toEqual({
      name,
      status: 'completed',
      errors: [],
    });
    expect(result.metadata.steps_completed).toBe(result.execution_trace.length);
  }
  expect(server.requests).toEqual([]);
});

test('search_with_context: items, their load of the last hour and ten events, as its parameters say by default', async () => {
  const result = await run('search_with_context', { query: 'MRI-1' });
  expect(result.primary).toMatchObject({ items: [{ code: 'MRI-1' }] });
  expect(Object.keys(result.enriched)).toEqual(['load', 'events']);
  const steps = (await house.client.runs.steps(result.run_id)).data;
  expect(steps.find(({ id }) => id === '1.load')?.bound_args).toMatchObject({
    metric: 'cpu_usage',
    agg: 'avg',
    range: 'last_1h',
  });
  expect(steps.find(({ id }) => id === '1.events')?.bound_args).toMatchObject({
    limit: 10,
    range: 'last_1h',
  });
  expect(result.execution_trace.map(({ step }) => step)).toEqual(['1.search', '1.load', '1.events']);
  const { timings } = await house.client.runs.get(result.run_id);
  expect(timings.total_ms).toBeGreaterThan(0);
  expect(result.metadata.total_time_ms).toBe(timings.total_ms);
});

test('a failure skips, falls back or ends the rest, as each step says', async () => {
  const result = await run('policies', { id: 'MRI-1', fast: true });
  expect(result.execution_trace.map(({ step, status, reason }) => [step, status, reason])).toEqual([
    ['1.first', 'completed', null],
    ['1.skipped', 'failed', null],
    ['1.replaced', 'completed', null],
    ['1.fatal', 'failed', null],
    ['1.last', 'aborted', 'fail_fast'],
  ]);
  expect(result.execution_trace[2]).toMatchObject({ fallback_used: true });
  expect(result.metadata.errors.map(({ step, error }) => [step, error.code])).toEqual([
    ['1.skipped', 'invalid_args'],
    ['1.fatal', 'invalid_args'],
  ]);
  expect(result.status).toBe('partial');
  expect(await house.client.compositions.result(result.run_id)).toEqual(result);
});

test('a step whose condition does not hold is skipped; the result holds what the others gave', async () => {
  const result = await run('policies', { id: 'MRI-1' });
  expect(result.execution_trace.slice(3).map(({ step, status, reason }) => [step, status, reason])).toEqual([
    ['1.fatal', 'skipped', 'condition'],
    ['1.last', 'completed', null],
  ]);
  expect(result.primary).toMatchObject({ item: { code: 'MRI-1' } });
  expect(result.enriched).toMatchObject({
    skipped: null,
    replaced: { item: { code: 'MRI-1' } },
    fatal: null,
    last: { item: { code: 'MRI-1' } },
  });
});

test('what the budget of steps cuts off takes nothing from what the others gave', async () => {
  const parameters = { query: 'MRI-1' };
  const reply = await house.request('POST', '/v1/compositions/search_with_context/run', {
    parameters,
    budget: { steps: 2 },
  });
  expect(reply.json).toMatchObject({ status: 'partial', primary: { items: [{ code: 'MRI-1' }] } });
  expect(Object.keys(reply.json.enriched as object)).toEqual(['load']);
});

test('parameters are values: what looks like a reference in them is text, or refused', async () => {
  const text = await run('from_module', { id: '${first.item}' });
  expect(text.metadata.errors).toMatchObject([{ step: '1.get', error: { code: 'invalid_args' } }]);
  expect(JSON.stringify(text.metadata.errors)).toContain('${first.item}');
  const wrong = await house.request('POST', '/v1/compositions/of_many/run', {
    parameters: { ids: [{ $from: 'first' }] },
  });
  expect(wrong).toMatchObject({ status: 400, json: { errors: [{ path: 'parameters.ids' }] } });
});

test('a schedule runs a composition at its times, with its parameters', async () => {
  const { schedules, runs, compositions } = house.client;
  const { id } = await schedules.create({
    cron: '* * * * * *',
    composition: { name: 'search_with_context', parameters: { query: 'MRI-1', metric: 'temperature' } },
  });
  const lastRun = async () => (await schedules.get(id)).last_run_id;
  await expect.poll(lastRun).not.toBeNull();
  await schedules.pause(id);
  const run = (await lastRun()) as string;
  const told: RunEvent[] = [];
  for await (const event of runs.events(run)) told.push(event);
  expect(told.at(-1)?.type).toBe('run.completed');
  expect(told.flatMap(({ type, data }) => (type === 'step.completed' ? [data.step] : []))).toEqual([
    '1.search',
    '1.load',
    '1.events',
    '1.result',
  ]);
  expect(await runs.get(run)).toMatchObject({ schedule_id: id, planner: 'composition' });
  const result = await compositions.result(run);
  expect(result).toMatchObject({ status: 'completed', primary: { items: [{ code: 'MRI-1' }] } });
  expect(result.enriched).toMatchObject({ load: { items: [{ code: 'MRI-1' }] } });
});

test('what is refused: an unknown composition, parameters that are missing, wrong or unknown', async () => {
  const none = await house.request('POST', '/v1/compositions/none/run', {});
  expect(none.status).toBe(404);
  const wrong = await house.request('POST', '/v1/compositions/search_with_context/run', {
    parameters: { limit: 'ten', colour: 'red' },
  });
  expect(wrong.status).toBe(400);
  expect((wrong.json.errors as { path: string }[]).map(({ path }) => path).sort()).toEqual([
    'parameters.colour',
    'parameters.limit',
    'parameters.query',
  ]);
});

test('a planner plans a composition as one tool; other steps refer to what it gives', async () => {
  const plan = {
    intent: 'test',
    steps: [
      { id: 'who', tool: 'ci.get', args: { id: 'MRI-1' } },
      {
        id: 'ctx',
        tool: 'composition.search_with_context',
        args: { query: { $from: 'who', path: 'item.code' }, metric: 'temperature' },
      },
      { id: 'related', tool: 'graph.expand', args: { ci_id: { $from: 'ctx', path: 'primary.items[0].id' } } },
    ],
  };
  server.script([
    { when: 'You plan how to answer', replies: [textReply(JSON.stringify(plan))] },
    { when: 'You answer a question', replies: [textReply('Done [1.ctx].')] },
  ]);
  const { id } = await house.client.runs.create({ question: 'what of MRI-1?', agent: 'ops' });
  const ended = await house.client.runs.wait(id);
  expect(ended).toMatchObject({ status: 'completed', answer: 'Done [1.ctx].' });
  expect(ended.steps.map(({ id, status }) => [id, status])).toEqual([
    ['1.who', 'completed'],
    ['1.ctx__search', 'completed'],
    ['1.ctx__load', 'completed'],
    ['1.ctx__events', 'completed'],
    ['1.ctx', 'completed'],
    ['1.related', 'completed'],
  ]);
  expect(server.requests.at(-2)?.prompt).toContain('composition.search_with_context');
});

test('in a plan, a step that its condition skips leaves the others to what depends on the composition', async () => {
  const item = { $from: 'who', path: 'item' };
  const plan = {
    intent: 'test',
    steps: [
      { id: 'who', tool: 'ci.get', args: { id: 'MRI-1' } },
      {
        id: 'ctx',
        tool: 'composition.policies',
        args: { id: { $from: 'who', path: 'item.code' } },
        when: item,
      },
      {
        id: 'related',
        tool: 'graph.expand',
        args: { ci_id: { $from: 'ctx', path: 'enriched.last.item.id' } },
      },
      {
        id: 'not',
        tool: 'composition.search_with_context',
        args: { query: 'MRI-1' },
        when: { $from: 'who', path: "item.code == 'other'" },
      },
      { id: 'of_not', tool: 'ci.get', args: { id: { $from: 'not', path: 'primary.items[0].id' } } },
      {
        id: 'failures',
        tool: 'ci.search',
        args: { query: 'MRI', limit: { $from: 'ctx', path: 'length(metadata.errors)' } },
      },
    ],
  };
  server.script([
    { when: 'You plan how to answer', replies: [textReply(JSON.stringify(plan))] },
    { when: 'You answer a question', replies: [textReply('Done [1.ctx].')] },
  ]);
  const { id } = await house.client.runs.create({ question: 'what of MRI-1 and more?', agent: 'ops' });
  const ended = await house.client.runs.wait(id);
  expect(ended.steps.map(({ id, status, reason }) => [id, status, reason])).toEqual([
    ['1.who', 'completed', null],
    ['1.ctx__params', 'completed', null],
    ['1.ctx__first', 'completed', null],
    ['1.ctx__skipped', 'failed', null],
    ['1.ctx__replaced', 'completed', null],
    ['1.ctx__fatal', 'skipped', 'condition'],
    ['1.ctx__last', 'completed', null],
    ['1.ctx', 'completed', null],
    ['1.related', 'completed', null],
    ['1.not__search', 'skipped', 'condition'],
    ['1.not__load', 'skipped', 'condition'],
    ['1.not__events', 'skipped', 'condition'],
    ['1.not', 'skipped', 'condition'],
    ['1.of_not', 'skipped', 'condition'],
    ['1.failures', 'completed', null],
  ]);
  const gathered = await house.client.runs.step(id, '1.ctx');
  const times = (await house.client.runs.steps(id)).data
    .filter((step) => step.id.startsWith('1.ctx__') && step.id !== '1.ctx__params')
    .flatMap(({ started_at, ended_at }) => (started_at && ended_at ? [started_at, ended_at] : []))
    .map((time) => Date.parse(time));
  expect(gathered.result).toMatchObject({
    enriched: { fatal: null, last: { item: { code: 'MRI-1' } } },
    execution_trace: [
      { step: '1.ctx__first', tool: 'ci.get', status: 'completed' },
      { step: '1.ctx__skipped', status: 'failed' },
      { step: '1.ctx__replaced', status: 'completed', fallback_used: true },
      { step: '1.ctx__fatal', status: 'skipped', reason: 'condition' },
      { step: '1.ctx__last', status: 'completed' },
    ],
    metadata: {
      total_time_ms: Math.max(...times) - Math.min(...times),
      steps_completed: 3,
      errors: [{ step: '1.ctx__skipped', error: { code: 'invalid_args' } }],
    },
  });
  const counted = await house.client.runs.step(id, '1.failures');
  expect(counted.bound_args).toMatchObject({ limit: 1 });
});

test('compositions are listed, those of modules too; a run may do without them', async () => {
  const { data } = await house.client.compositions.list();
  expect(data.map(({ name }) => name)).toEqual([
    'from_module',
    'graph_with_metrics',
    'history_aggregate',
    'incident_timeline',
    'of_many',
    'policies',
    'search_with_context',
  ]);
  expect(data.every(({ available }) => available)).toBe(true);
  expect(await run('from_module', { id: 'MRI-1' })).toMatchObject({ primary: { item: { code: 'MRI-1' } } });
  server.requests.length = 0;
  server.script([{ when: /./, replies: [textReply('{"intent":"x","steps":[],"answer":"Fine."}')] }]);
  const { id } = await house.client.runs.create({
    question: 'what of MRI-1?',
    agent: 'ops',
    options: { compositions: false },
  });
  await house.client.runs.wait(id);
  expect(server.requests[0]?.prompt).not.toContain('composition.');
});

test('a file that breaks keeps its last good version, and readiness says so', async () => {
  await writeFile(join(dir, 'policies.yaml'), POLICIES.replace('path: id', 'path: idd'));
  const fault = async () => {
    const { json } = await house.request('GET', '/readyz');
    return (json.checks as { name: string; detail?: string }[]).find(({ name }) => name === 'compositions')
      ?.detail;
  };
  await expect.poll(fault).toContain('steps[0].args.id: there is no parameter idd');
  expect((await run('policies', { id: 'MRI-1' })).status).toBe('partial');
  await writeFile(join(dir, 'policies.yaml'), POLICIES.replace('path: fast', "path: 'fast ['"));
  await expect.poll(fault).toContain('steps[3].when: "fast [" is no JMESPath');
});
