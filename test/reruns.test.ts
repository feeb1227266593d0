import { randomUUID } from 'node:crypto';
import type { RunEvent, RunResponse, StepView } from '@planyard/contracts';
import {
  type ModelServer,
  type Reply,
  startModelServer,
  textReply,
  toolCallReply,
} from '@planyard/llm/testing';
import { deleteRun } from '@planyard/store';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type House, openHouse } from './support/house.ts';

let server: ModelServer;
let house: House;
const namespace = `t${randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  server = await startModelServer();
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    toolsDirectory: new URL('./support/tools/', import.meta.url),
    env: {
      PLANYARD_NAMESPACE: namespace,
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-story',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
      RECONCILE_EVERY_MS: '200',
    },
  });
});
afterAll(async () => {
  await house?.close();
  await server?.close();
});
beforeEach(() => {
  server.requests.length = 0;
});

const PLANS = 'You plan how to answer';
const JOINS = 'You answer a question';

interface Planned {
  id: string;
  args: object;
  after?: string[];
  on_error?: string;
}

/** What the model plans, attempt by attempt, and answers. */
function script(attempts: Planned[][], joins: Reply[] = [textReply('Done.')]) {
  const plans = attempts.map((steps) =>
    textReply(
      JSON.stringify({ intent: 'note', steps: steps.map((step) => ({ tool: 'yard.note', ...step })) }),
    ),
  );
  server.script([
    { when: JOINS, replies: joins },
    { when: PLANS, replies: plans },
  ]);
}

async function ask(more: object = {}): Promise<RunResponse> {
  const request = { question: `note ${randomUUID()}`, agent: 'general', ...more };
  return await house.client.runs.wait((await house.client.runs.create(request)).id);
}

async function rerun(id: string, request: Parameters<House['client']['runs']['rerun']>[1] = {}) {
  const accepted = await house.client.runs.rerun(id, request);
  expect(accepted.parent_run_id).toBe(id);
  return await house.client.runs.wait(accepted.id);
}

/** The steps of a run with their results, by id. */
async function stepsOf(id: string): Promise<Record<string, StepView>> {
  const { data } = await house.client.runs.steps(id);
  const whole = await Promise.all(data.map((step) => house.client.runs.step(id, step.id)));
  return Object.fromEntries(whole.map((step) => [step.id, step]));
}

const stampOf = (step: StepView | undefined) => (step?.result as { stamp: string } | undefined)?.stamp;

const BIG = 100_000;
const chain: Planned[] = [
  { id: 'big', args: { text: 'big', bytes: BIG } },
  { id: 'small', args: { text: 'small' } },
  { id: 'middle', args: { text: 'middle', about: { $from: 'big', path: 'stamp' } } },
  { id: 'last', args: { text: 'last', about: { $from: 'middle', path: 'text' } } },
  { id: 'ordered', args: { text: 'ordered' }, after: ['last'] },
];

test('from a step on, with other arguments: what it does not touch is copied, large results too, and no model plans', async () => {
  script([chain]);
  const parent = await ask();
  const before = await stepsOf(parent.id);
  server.requests.length = 0;
  const args = { text: 'edited', about: { $from: 'small', path: 'text' } };
  const again = await rerun(parent.id, { from: '1.middle', args });
  expect(again).toMatchObject({
    status: 'completed',
    parent_run_id: parent.id,
    question: parent.question,
    answer: 'Done.',
    plan_source: 'rerun',
    agent: parent.agent,
    planner: parent.planner,
  });
  expect(server.requests.map(({ prompt }) => prompt.includes(PLANS))).toEqual([false]);
  const after = await stepsOf(again.id);
  for (const id of ['1.big', '1.small']) {
    expect(after[id]).toMatchObject({
      status: 'completed',
      cached: true,
      copied_from: parent.id,
      attempts: 0,
    });
    expect(stampOf(after[id])).toBe(stampOf(before[id]));
    expect(after[id]?.result).toEqual(before[id]?.result);
  }
  expect(after['1.big']?.result_bytes).toBeGreaterThan(BIG);
  for (const id of ['1.middle', '1.last', '1.ordered']) {
    expect(after[id]).toMatchObject({ status: 'completed', cached: false, copied_from: null, attempts: 1 });
    expect(stampOf(after[id])).not.toBe(stampOf(before[id]));
  }
  expect(after['1.middle']).toMatchObject({ bound_args: { text: 'edited', about: 'small' } });
  expect(after['1.last']).toMatchObject({ bound_args: { about: 'edited' } });
  // What was copied counts as nothing that was done, and is shown.
  expect(again.steps.find(({ id }) => id === '1.big')).toMatchObject({
    duration_ms: null,
    copied_from: parent.id,
  });
  expect(again.budget.steps.used).toBe(3);
  const rows = (await house.client.runs.trace(again.id)).data;
  expect(rows.find(({ step }) => step === '1.big')).toMatchObject({
    cache_hit: true,
    metadata: { copied_from: parent.id },
  });
  const events: RunEvent[] = [];
  for await (const event of house.client.runs.events(again.id)) events.push(event);
  expect(events[0]?.data).toMatchObject({ parent_run_id: parent.id });
  const added = events.flatMap((event) => (event.type === 'step.added' ? [event.data] : []));
  expect(added.map(({ step, copied_from }) => [step, copied_from !== undefined])).toEqual([
    ['1.big', true],
    ['1.small', true],
    ['1.middle', false],
    ['1.last', false],
    ['1.ordered', false],
  ]);

  // The copies are its own: they outlive the run they came from, and a rerun of the rerun names it.
  expect(await deleteRun(house.db, 'default', parent.id)).toBe('deleted');
  const third = await rerun(again.id, { from: '1.last' });
  const thirdSteps = await stepsOf(third.id);
  expect(thirdSteps['1.big']).toMatchObject({ copied_from: parent.id, result: before['1.big']?.result });
  expect(thirdSteps['1.middle']).toMatchObject({ copied_from: again.id, bound_args: { text: 'edited' } });
  expect(stampOf(thirdSteps['1.last'])).not.toBe(stampOf(after['1.last']));
});

test('a run of two attempts: steps of both keep their ids, and a later attempt counts on', async () => {
  const first = [
    { id: 'a', args: { text: 'a' } },
    { id: 'b', args: { text: 'b', fail: true } },
  ];
  const second = [{ id: 'c', args: { text: 'c', about: { $from: '1.a', path: 'text' } } }];
  script(
    [first, second, [{ id: 'd', args: { text: 'd' } }]],
    [toolCallReply('replan', { reason: 'b failed' }), textReply('Done [2.c].')],
  );
  const replanning = await ask();
  expect(replanning.steps.map(({ id }) => id)).toEqual(['1.a', '1.b', '2.c']);
  const before = await stepsOf(replanning.id);
  const again = await rerun(replanning.id, { from: '1.a', args: { text: 'A' } });
  const after = await stepsOf(again.id);
  expect(after['2.c']).toMatchObject({ copied_from: null, bound_args: { about: 'A' } });
  expect(after['1.b']).toMatchObject({
    status: 'failed',
    copied_from: replanning.id,
    error: before['1.b']?.error,
  });
});

test('a step is named without its attempt: that of the newest attempt which has it', async () => {
  script(
    [
      [
        { id: 'a', args: { text: 'a' } },
        { id: 'b', args: { text: 'b' } },
      ],
      [{ id: 'a', args: { text: 'again' } }],
    ],
    [toolCallReply('replan', { reason: 'more' }), textReply('Done [2.a].')],
  );
  const parent = await ask();
  const copied = async (from: string) => {
    const steps = await stepsOf((await rerun(parent.id, { from })).id);
    return Object.values(steps).flatMap(({ id, copied_from }) => (copied_from === null ? [] : [id]));
  };
  expect(await copied('a')).toEqual(['1.a', '1.b']);
  expect(await copied('b')).toEqual(['1.a', '2.a']);
});

test('whole: every step runs anew', async () => {
  script([chain]);
  const parent = await ask();
  const before = await stepsOf(parent.id);
  const again = await rerun(parent.id);
  const after = await stepsOf(again.id);
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const id of Object.keys(before)) {
    expect(after[id]?.copied_from).toBeNull();
    expect(stampOf(after[id])).not.toBe(stampOf(before[id]));
  }
});

test('a rerun survives that Redis loses its data', async () => {
  script([
    [
      { id: 'a', args: { text: 'a' } },
      { id: 'wait', args: { ms: 300 }, after: ['a'], tool: 'yard.wait' } as Planned,
    ],
  ]);
  const parent = await ask();
  const { id } = await house.client.runs.rerun(parent.id, { from: '1.wait', args: { ms: 1_500 } });
  const redis = new Redis(inject('redisUrl'));
  for await (const event of house.client.runs.events(id)) {
    if (event.type !== 'step.started') continue;
    const keys = await redis.keys(`${namespace}:{p0}:*${id}*`);
    await redis.del(...keys);
    // A run that was just accepted is given time to reach Redis.
    const before = new Date(Date.now() - 60_000);
    await house.db.updateTable('runs').set({ created_at: before }).where('id', '=', id).execute();
    break;
  }
  redis.disconnect();
  const run = await house.client.runs.wait(id);
  expect(run).toMatchObject({ status: 'completed', parent_run_id: parent.id });
  expect((await stepsOf(id))['1.a']).toMatchObject({ copied_from: parent.id });
});

test('what cannot be run again is refused, with the place of what is wrong', async () => {
  script([chain]);
  const parent = await ask();
  const refusal = (id: string, request: Parameters<House['client']['runs']['rerun']>[1]) =>
    house.client.runs.rerun(id, request).catch((error: unknown) => error);
  expect(await refusal(parent.id, { from: '1.none' })).toMatchObject({ code: 'not_found', status: 404 });
  expect(await refusal(parent.id, { from: 'none' })).toMatchObject({ code: 'not_found', status: 404 });
  expect(await refusal(parent.id, { from: 'no step' })).toMatchObject({ status: 400 });
  expect(await refusal(parent.id, { args: {} })).toMatchObject({ status: 400, errors: [{ path: 'args' }] });
  expect(await refusal(parent.id, { from: '1.middle', args: { text: 7 } })).toMatchObject({
    status: 400,
    errors: [{ path: 'args.text' }],
  });
  const args = { text: 'x', about: { $from: 'last' } };
  expect(await refusal(parent.id, { from: '1.middle', args })).toMatchObject({
    status: 400,
    errors: [{ path: 'args.about', message: 'last is no step that is copied' }],
  });
  script([[{ id: 'wait', args: { ms: 10_000 }, tool: 'yard.wait' } as Planned]]);
  const open = await house.client.runs.create({ question: `wait ${randomUUID()}`, agent: 'general' });
  expect(await refusal(open.id, {})).toMatchObject({ code: 'conflict', status: 409 });
  for await (const event of house.client.runs.events(open.id))
    if (event.type === 'step.started') await house.client.runs.cancel(open.id);
  // What was cancelled goes on where it was cut short.
  const goesOn = await house.client.runs.rerun(open.id, { from: '1.wait', args: { ms: 1 } });
  expect(await house.client.runs.wait(goesOn.id)).toMatchObject({ status: 'completed' });
});
