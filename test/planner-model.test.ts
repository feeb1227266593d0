import {
  chunkOf,
  errorReply,
  piecesReply,
  streamReply,
  textReply,
  toolCallReply,
} from '@planyard/llm/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  at,
  calls,
  GET,
  JOINS,
  openPlannedWorld,
  type PlannedWorld,
  plan,
  REPAIRS,
  REPLANS,
  step,
  WARDS,
} from './support/planned-world.ts';

let world: PlannedWorld;

beforeAll(async () => {
  world = await openPlannedWorld();
});
afterAll(() => world?.close());
beforeEach(() => {
  world.server.requests.length = 0;
});

test('steps run while the plan still streams, and the answer is streamed with its citations', async () => {
  let finishPlan = () => {};
  const rest = new Promise<void>((resolve) => {
    finishPlan = resolve;
  });
  const text = plan(GET, WARDS);
  const half = text.indexOf(',{"id":"wards"');
  world.script({
    plan: [
      piecesReply([
        'Here is the plan:\n```json\n',
        text.slice(0, half),
        { until: rest },
        text.slice(half),
        '\n```',
      ]),
    ],
    join: [
      textReply(
        'MRI-1 belongs to Radiology [1.mri]. There are 3 wards [1.wards]. Nothing else was asked, and nothing else is told: this goes on for as long as it takes until what was held back is told and more is to come, twice as long as that.',
        {
          chunk: 7,
          delay_ms: 10,
        },
      ),
    ],
  });
  const asked = world.ask({ question: 'who owns MRI-1, and which wards are there?' });
  // The first step is over before the model says another word.
  await expect
    .poll(async () =>
      (await world.steps()).some((each) => each.id === '1.mri' && each.status === 'completed'),
    )
    .toBe(true);
  finishPlan();
  const run = await asked;
  expect(run.outcome).toMatchObject({
    status: 'completed',
    answer:
      'MRI-1 belongs to Radiology [1.mri]. There are 3 wards [1.wards]. Nothing else was asked, and nothing else is told: this goes on for as long as it takes until what was held back is told and more is to come, twice as long as that.',
    citations: [{ step: '1.mri' }, { step: '1.wards' }],
    planner: 'openai/gpt-5-mini',
    missing: [],
  });
  expect(at(run, 'step.started')).toBeLessThan(at(run, 'plan.sealed'));
  const deltas = run.events.filter((event) => event.type === 'answer.delta');
  expect(deltas.length).toBeGreaterThan(1);
  expect(calls(run)).toMatchObject([
    {
      purpose: 'plan',
      status: 'ok',
      request_id: 'req-1',
      prompt: 'plan@1 this-run@1 agents/ops@1 tools/digest@1 catalog/inventories@1',
      usage: { input_tokens: 100 },
    },
    { purpose: 'join', status: 'ok' },
  ]);
  expect(world.server.requests[0]?.prompt).toContain('ward-a (ward, Ward A)');
});

test('an answer without steps ends the run at once', async () => {
  world.script({ plan: [textReply('{"intent":"greeting","steps":[],"answer":"Hello!"}')] });
  const run = await world.ask({ question: 'hello' });
  expect(run.outcome).toMatchObject({ status: 'completed', answer: 'Hello!', error: null });
  expect(world.server.requests).toHaveLength(1);
});

test('invalid steps are sent back with their faults; valid ones go on', async () => {
  world.script({
    plan: [
      textReply(plan(GET, step('log', 'history.event_log', { limit: 'many' }), step('x', 'ci.find', {}))),
    ],
    repair: [
      textReply(plan(step('log', 'history.event_log', { ci_ids: { $from: 'mri', path: 'item.id' } }))),
    ],
    join: [textReply('Done [1.log].')],
  });
  const run = await world.ask({ question: 'what happened to MRI-1?' });
  expect(run.steps.map((each) => [each.id, each.status])).toEqual([
    ['1.mri', 'completed'],
    ['1.log', 'completed'],
  ]);
  const repair = world.server.requests[1]?.prompt ?? '';
  expect(repair).toContain('"step":"log","path":"args.limit","expected":"must be integer"');
  expect(repair).toContain('"step":"x","path":"tool"');
  expect(calls(run).map((call) => call.purpose)).toEqual(['plan', 'repair', 'join']);
});

test('steps that the repair did not mend are dropped, and the log tells of which request', async () => {
  const wrong = step('x', 'ci.find', {});
  world.script({
    plan: [textReply(plan(GET, wrong))],
    repair: [textReply(plan(wrong))],
    join: [textReply('Done [1.mri].')],
  });
  const run = await world.ask({ question: 'what happened to MRI-1?' });
  expect(run.steps.map((each) => each.id)).toEqual(['1.mri']);
  expect(world.logged()).toContainEqual(
    expect.objectContaining({ message: 'steps of the plan were dropped', request_id: 'req-1' }),
  );
});

test('faults that the model does not mend in two rounds go to the next one of its route', async () => {
  const routed = await openPlannedWorld('by_two');
  try {
    routed.script({
      plan: [textReply(plan(step('log', 'history.event_lg', {})))],
      repair: [textReply('No.'), textReply('No.'), textReply(plan(GET))],
      join: [textReply('It is MRI-1 [1.mri].')],
    });
    const run = await routed.ask({ question: 'q', agent: 'ops' });
    expect(run.steps.map(({ id, status }) => [id, status])).toEqual([['1.mri', 'completed']]);
    const planned = routed.server.requests.filter(({ prompt }) => prompt.includes('You plan how to answer'));
    expect(planned.map(({ body }) => body.model)).toEqual([
      'gpt-5-mini',
      'gpt-5-mini',
      'gpt-5-mini',
      'gpt-5',
    ]);
  } finally {
    await routed.close();
  }
});

test('the joiner replans through its tool, with what was learnt; the second attempt uses earlier results', async () => {
  world.script({
    plan: [textReply(plan(GET))],
    join: [
      toolCallReply('replan', { reason: 'the relations are missing' }),
      textReply('It sends to pacs [2.related].'),
    ],
    replan: [textReply(plan(step('related', 'graph.expand', { ci_id: { $from: 'mri', path: 'item.id' } })))],
  });
  const run = await world.ask({ question: 'what is MRI-1 related to?' });
  expect(run.outcome).toMatchObject({ status: 'completed', citations: [{ step: '2.related' }] });
  expect(run.steps.map((each) => [each.id, each.status])).toEqual([
    ['1.mri', 'completed'],
    ['2.related', 'completed'],
  ]);
  const replan = world.server.requests.find((request) => request.prompt.includes(REPLANS))?.prompt ?? '';
  expect(replan).toContain('the relations are missing');
  expect(replan).toContain('[1.mri] ci.get');
  const joins = run.events.flatMap((event) =>
    event.type === 'model.called' && event.data.purpose === 'join' ? [event.data] : [],
  );
  expect(joins.map(({ status, usage }) => [status, usage.estimated])).toEqual([
    ['ok', false],
    ['ok', false],
  ]);
});

test.each([
  ['after its finish reason keeps its call for a new plan, which costs what we count', true],
  ['before it is done without', false],
])('a reply of the joiner that breaks off %s', async (_what, finished) => {
  const call = { index: 0, id: 'c', function: { name: 'replan', arguments: '{"reason":"no room in it"}' } };
  world.script({
    plan: [textReply(plan(GET))],
    join: [
      streamReply([
        // With a word before the call nothing can be asked for again.
        chunkOf({ delta: { content: 'Let me see.' } }),
        chunkOf({ delta: { tool_calls: [call] } }),
        ...(finished ? [chunkOf({ delta: {}, finish_reason: 'tool_calls' })] : []),
        'cut',
      ]),
    ],
    replan: [textReply('{"intent":"x","steps":[],"answer":"Not there."}')],
  });
  const run = await world.ask({ question: 'in which room is MRI-1?', agent: 'ops' });
  expect(run.outcome).toMatchObject(finished ? { answer: 'Not there.' } : { status: 'partial' });
  const [join] = calls(run).filter(({ purpose }) => purpose === 'join');
  expect(join).toMatchObject({ status: finished ? 'ok' : 'error', usage: { estimated: true } });
  expect(join?.usage.output_tokens).toBeGreaterThan(0);
});

test('the last attempt must answer: no tool is offered to replan with', async () => {
  const again = toolCallReply('replan', { reason: 'more' });
  world.script({
    plan: [textReply(plan(GET))],
    replan: [textReply(plan(WARDS))],
    join: [again, textReply('Enough [1.mri].')],
  });
  const run = await world.ask({
    question: 'q',
    options: {
      cache: true,
      selector: true,
      compositions: true,
      plan_cache: true,
      trace: true,
      strategy: 'fastest',
      max_attempts: 2,
      priority: 5,
    },
  });
  expect(run.outcome.status).toBe('completed');
  const joins = world.server.requests.filter((request) => request.prompt.includes(JOINS));
  expect(joins.map((request) => request.body.tools?.length ?? 0)).toEqual([1, 0]);
  expect(joins[1]?.prompt).toContain('attempts');
});

test('a call that failed is not planned again: the model is told, with the nearest name where it wrote one wrong', async () => {
  const gone = step('gone', 'ci.get', { id: 'no-such-item' });
  world.script({
    plan: [textReply(plan(GET, gone))],
    join: [toolCallReply('replan', { reason: 'more' }), textReply('Done [1.mri].')],
    replan: [textReply(plan(gone, step('log', 'history.event_lg', {})))],
    repair: [textReply(plan(step('log', 'history.event_log', {})))],
  });
  const run = await world.ask({ question: 'what happened to MRI-1?' });
  expect(run.steps.map(({ id }) => id)).toEqual(['1.mri', '1.gone', '2.log']);
  const repair = world.server.requests.find((request) => request.prompt.includes(REPAIRS))?.prompt ?? '';
  expect(repair).toContain('"expected":"a call that has not failed before"');
  expect(repair).toContain('"got":"history.event_lg","nearest":"history.event_log"');
});

test('a composition whose call failed is not planned again with the same parameters', async () => {
  const net = (ci: string) => step('net', 'composition.graph_with_metrics', { ci, metric: 'temperature' });
  world.script({
    plan: [textReply(plan(GET, net('no-such-item')))],
    join: [toolCallReply('replan', { reason: 'more' }), textReply('Done [1.mri].')],
    replan: [textReply(plan(net('no-such-item')))],
    repair: [textReply(plan(net('MRI-1')))],
  });
  const run = await world.ask({ question: 'what hangs on MRI-1?', agent: 'ops' });
  expect(run.steps.map(({ id, status }) => [id, status])).toEqual([
    ['1.mri', 'completed'],
    ['1.net__graph', 'failed'],
    ['1.net__load', 'skipped'],
    ['1.net', 'skipped'],
    ['2.net__graph', 'completed'],
    ['2.net__load', 'completed'],
    ['2.net', 'completed'],
  ]);
  const repair = world.server.requests.find((request) => request.prompt.includes(REPAIRS))?.prompt ?? '';
  expect(repair).toContain('the call of 1.net__graph, which failed');
});

test('a step that fails without a replacement makes the answer partial and names what is missing', async () => {
  world.script({
    plan: [textReply(plan(GET, step('gone', 'ci.get', { id: 'no-such-item' })))],
    join: [textReply('Half of it [1.mri].')],
  });
  const run = await world.ask({ question: 'q' });
  expect(run.outcome.status).toBe('partial');
  expect(run.outcome.missing).toEqual([expect.stringContaining('no-such-item')]);
});

test.each([
  ['answers nonsense twice', { plan: [textReply('I would rather not.')], repair: [textReply('No.')] }],
  ['is down', { plan: [errorReply(400, 'no such model')] }],
])(
  'a planner that %s: every tool gets the question, and the answer is partial, made of evidence',
  async (_name, replies) => {
    world.script({ ...replies, join: [errorReply(400, 'no such model')] });
    const run = await world.ask({ question: 'anything about MRI-1 breakdown?' });
    expect(run.steps.map((each) => each.tool).sort()).toEqual(['ci.search', 'history.event_log']);
    expect(run.outcome.status).toBe('partial');
    expect(run.outcome.answer).toContain('Helium pressure lost');
    expect(run.outcome.missing.join()).toContain('no model has joined them');
    expect(run.outcome.citations.length).toBeGreaterThan(0);
    expect(run.events.find((event) => event.type === 'plan.sealed')?.data).toMatchObject({
      intent: 'General assistance with all available tools',
    });
  },
);

test('the broad plan, too, keeps to the budget of steps', async () => {
  world.script({
    plan: [textReply('I would rather not.')],
    repair: [textReply('No.')],
    join: [errorReply(400, 'no such model')],
  });
  const run = await world.ask({ question: 'anything about MRI-1 breakdown?', budget: { steps: 1 } });
  expect(run.steps.map((each) => each.status)).toEqual(['completed']);
  expect(run.outcome.status).toBe('partial');
  expect(run.outcome.missing.join()).toContain('beyond the budget of 1 step');
});
