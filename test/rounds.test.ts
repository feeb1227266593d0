import { RunOptions, ToolManifest } from '@planyard/contracts';
import { countTokens } from '@planyard/llm';
import {
  chunkOf,
  errorReply,
  type Reply,
  textReply,
  toolCallReply,
  toolCallsReply,
} from '@planyard/llm/testing';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { hospital } from './questions/hospital.ts';
import { loadFixture } from './questions/inventory-fixture.ts';
import { type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';
import { openWorld, type World } from './support/world.ts';

/* Where rounds and plans meet their limits: of attempts, of money, of a model that is down. */

const CALLER = `
name: caller
description: Calls tools.
current: '1'
versions: [{ id: '1', date: 2026-11-25, content: You are tested. }]
routed: false
strategy: rounds
`;
const options = RunOptions.parse({ max_attempts: 1 });
const GET = { id: 'mri', tool: 'ci.get', args: { id: 'MRI-1' }, purpose: 'p' };

let server: ScriptedModel;
let world: World;

beforeAll(async () => {
  const gadgeteer = CALLER.replace('caller', 'gadgeteer');
  server = await startScriptedModel({
    prompts: {
      'agents/caller.yaml': CALLER,
      'agents/gadgeteer.yaml': `${gadgeteer}tools: ['gadget.*']\n`,
    },
  });
  world = await openWorld({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    planner: {
      ...server.env,
      PLANYARD_EMBEDDING_MODEL: 'openai/of-no-known-price',
    },
  });
  await loadFixture(world.db, 'default', hospital, new Date());
});
afterAll(async () => {
  await world?.close();
  await server?.close();
});
beforeEach(() => {
  server.requests.length = 0;
});

const ROUNDS = 'Calls of one round run at the same time';
const REPAIRS = 'Parts of this plan cannot run';
const PLANS = 'You plan how to answer';
const JOINS = 'You answer a question';
const script = (rules: { [when: string]: Reply[] }) =>
  server.script(Object.entries(rules).map(([when, replies]) => ({ when, replies })));
const textThenCall = (content: string, name: string, args: object): Reply => {
  const call = toolCallReply(name, args);
  return { ...call, pieces: [chunkOf({ delta: { content } }), ...call.pieces] };
};
const asked = () => server.requests.filter(({ body }) => body.messages);

test('one round at most still calls tools, and what they gave is joined', async () => {
  script({
    [ROUNDS]: [toolCallReply('ci__get', { id: 'MRI-1' })],
    [JOINS]: [textReply('It is there [1.call_1].')],
  });
  const run = await world.ask({ question: 'is MRI-1 there?', agent: 'caller', options });
  expect(run.outcome).toMatchObject({ status: 'completed', answer: 'It is there [1.call_1].' });
  expect(run.steps.map(({ id }) => id)).toEqual(['1.call_1']);
});

test.each(['length', 'content_filter'] as const)(
  'an answer of rounds that ends by %s is partial, and says so',
  async (finish) => {
    script({ [ROUNDS]: [toolCallReply('ci__get', { id: 'MRI-1' }), textReply('It is in', { finish })] });
    const run = await world.ask({ question: 'where is MRI-1?', agent: 'caller' });
    expect(run.outcome).toMatchObject({
      status: 'partial',
      answer: 'It is in',
      missing: [expect.stringContaining('the answer broke off')],
    });
  },
);

test('a call of a later round replaces none that failed and has nothing to do with it', async () => {
  script({
    [ROUNDS]: [
      toolCallReply('ci__get', { id: 'no-such-item' }),
      toolCallReply('ci__search', { query: 'ward-a' }),
      textReply('Ward A is there [2.call_2].'),
    ],
  });
  const run = await world.ask({ question: 'are they there?', agent: 'caller' });
  expect(run.outcome).toMatchObject({
    status: 'partial',
    missing: [expect.stringContaining('ci.get (1.call_1): failed')],
    citations: [{ step: '2.call_2' }],
  });
});

test('an answer made of results has those of every round, each call once', async () => {
  script({
    [ROUNDS]: [
      toolCallsReply(['ci__get', { id: 'MRI-1' }], ['ci__get', { id: 'MRI-2' }]),
      toolCallsReply(['ci__get', { id: 'ward-a' }], ['ci__get', { id: 'MRI-2' }]),
      errorReply(400, 'no'),
    ],
    [JOINS]: [errorReply(400, 'no')],
  });
  const run = await world.ask({ question: 'are they there?', agent: 'caller' });
  const cited = new Set(run.outcome.citations.map(({ step }) => step).filter((id) => id.includes('call_')));
  expect([...cited]).toEqual(['1.call_1', '2.call_3', '2.call_4']);
});

test('a model that is down in rounds gets one broad plan, not one for each round', async () => {
  script({ '': Array.from({ length: 40 }, () => errorReply(400, 'no')) });
  const run = await world.ask({ question: 'MRI-1', agent: 'caller' });
  expect(run.events.filter(({ type }) => type === 'plan.started')).toHaveLength(1);
  expect(run.outcome.status).toBe('partial');
});

test('calls that cannot be made go back each as the answer to its call', async () => {
  script({
    [ROUNDS]: [
      toolCallsReply(['ci__get', { id: 7 }], ['ci__get', { name: 'x' }]),
      textReply('I cannot tell.'),
    ],
  });
  await world.ask({ question: 'q', agent: 'caller' });
  const [, second] = asked();
  const messages = second?.body.messages as {
    role: string;
    tool_calls?: { id: string }[];
    tool_call_id?: string;
    content: string;
  }[];
  const [said, first, other] = messages.slice(-3);
  expect(said).toMatchObject({
    role: 'assistant',
    tool_calls: [{ function: { name: 'ci__get' } }, { function: { name: 'ci__get' } }],
  });
  expect([first?.tool_call_id, other?.tool_call_id]).toEqual(said?.tool_calls?.map(({ id }) => id));
  expect(first?.content).toContain('"path":"args.id"');
  expect(first?.content).not.toContain('call_2');
  expect(other?.content).toContain('call_2');
});

test('a repair that is not paid for leaves the steps that run to their end', async () => {
  const usage = { prompt_tokens: 40_000, completion_tokens: 20_000 };
  const wrong = { ...GET, id: 'x', tool: 'ci.find' };
  script({
    [REPAIRS]: [textReply('never asked')],
    [PLANS]: [textReply(JSON.stringify({ intent: 'x', steps: [GET, wrong] }), { usage })],
  });
  const run = await world.ask({ question: 'q', agent: 'ops', budget: { tokens: 50_000 } });
  expect(run.steps.map(({ id, status }) => [id, status])).toEqual([['1.mri', 'completed']]);
  expect(run.outcome.status).toBe('partial');
  expect(run.events.some(({ type }) => type === 'plan.sealed')).toBe(true);
});

test('what the joiner says before it asks for a new plan is not the answer', async () => {
  script({
    'This question was planned before': [
      textReply(JSON.stringify({ intent: 'x', steps: [], answer: 'Not there.' })),
    ],
    [PLANS]: [textReply(JSON.stringify({ intent: 'x', steps: [GET] }))],
    [JOINS]: [textThenCall('Let me look it up in another way.', 'replan', { reason: 'no room in it' })],
  });
  const run = await world.ask({ question: 'in which room is MRI-1?', agent: 'ops' });
  expect(run.outcome.answer).toBe('Not there.');
  expect(run.events.filter(({ type }) => type === 'answer.started')).toHaveLength(1);
});

test('a question that cannot be embedded within the budget is planned without it', async () => {
  script({
    [PLANS]: [textReply(JSON.stringify({ intent: 'x', steps: [GET] }))],
    [JOINS]: [textReply('Done [1.mri].')],
  });
  const run = await world.ask({ question: 'what is MRI-1?', agent: 'ops', budget: { cost_usd: 1 } });
  expect(run.outcome).toMatchObject({ status: 'completed', answer: 'Done [1.mri].' });
});

test('of tools that all fit into a digest those are offered natively that fit, the one that the question names among them; the search finds the others', async () => {
  // A second line of a description is told natively alone.
  const long = `Gadgets.\n${'It says at length what a gadget is, and what it is not. '.repeat(50)}`;
  const gadgets = Array.from({ length: 90 }, (_, at) =>
    ToolManifest.parse({
      name: `gadget.g${String(at).padStart(2, '0')}`,
      description: long,
      input_schema: { type: 'object', properties: {} },
      output_schema: {},
      effects: 'read',
      idempotent: true,
      timeout_ms: 1_000,
      profile: { accuracy: 0.9, complexity: 'low' },
    }),
  );
  await world.offer(gadgets);
  script({ [ROUNDS]: [toolCallReply('tools_search', { query: 'gadget.g88' }), textReply('Nothing.')] });
  await world.ask({ question: 'What does gadget.g89 say?', agent: 'gadgeteer' });
  const [first, second] = asked().map(({ body }) => body.tools as { function: { name: string } }[]);
  const names = (first ?? []).map((tool) => tool.function.name);
  expect(names).toContain('gadget__g89');
  expect(names).toContain('tools_search');
  expect(names).not.toContain('gadget__g88');
  expect(await countTokens(JSON.stringify(first))).toBeLessThan(4 * 4_000 + 1_000);
  expect((second ?? []).map((tool) => tool.function.name)).toContain('gadget__g88');
});
