import type { RunEvent, RunResponse } from '@planyard/contracts';
import {
  chunkOf,
  piecesReply,
  type Reply,
  textReply,
  toolCallReply,
  toolCallsReply,
} from '@planyard/llm/testing';
import { checkHealth } from '@planyard/runtime';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { hospital } from './questions/hospital.ts';
import { loadFixture } from './questions/inventory-fixture.ts';
import { type House, openHouse } from './support/house.ts';
import { type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';

const WARDS = `
name: wards
description: Questions about wards.
current: '1'
versions:
  - { id: '1', date: 2026-11-25, content: You know every ward. }
tools:
  - ci.search
  - name: ci.get
    description: One ward by its id.
    parameters: [{ name: id, type: string, required: true }]
  - name: ci.list_preview
    description: Wards.
    parameters: [{ name: colour, type: string }]
budget: { steps: 1 }
strategy: rounds
`;

const OF_ITS_OWN = `
description: With models and data of its own.
current: '1'
versions: [{ id: '1', date: 2026-11-29, content: You are tested. }]
routed: false
models: { plan: openai/planner-of-its-own, join: openai/joiner-of-its-own }
`;

let server: ScriptedModel;
let house: House;

beforeAll(async () => {
  server = await startScriptedModel({
    prompts: {
      'agents/wards.yaml': WARDS,
      'agents/hasty.yaml': `name: hasty${OF_ITS_OWN}budget: { ms: 1000 }\n`,
      'agents/blind.yaml': `name: blind${OF_ITS_OWN}knowledge: [wareh*]\n`,
      'agents/seeing.yaml': `name: seeing${OF_ITS_OWN}knowledge: [invent*]\n`,
    },
  });
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    env: server.env,
  });
  await loadFixture(house.db, 'default', hospital, new Date());
});
afterAll(async () => {
  await house?.close();
  await server?.close();
});
beforeEach(() => {
  server.requests.length = 0;
});

const ROUTES = 'decide who answers the last message';
const ROUNDS = 'Calls of one round run at the same time';
const PLANS = 'You plan how to answer';
const JOINS = 'You answer a question';

function script(rules: { [when: string]: Reply[] }) {
  server.script(Object.entries(rules).map(([when, replies]) => ({ when, replies })));
}

async function ask(request: Parameters<House['client']['runs']['create']>[0]): Promise<RunResponse> {
  const { id } = await house.client.runs.create(request);
  return await house.client.runs.wait(id);
}

async function eventsOf(id: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of house.client.runs.events(id)) events.push(event);
  return events;
}

test('the supervisor sends a question to an agent with one call; the run says who answered', async () => {
  script({
    [ROUTES]: [textReply('{"agent":"wards","answer":null}')],
    [ROUNDS]: [textReply('There are three wards.')],
  });
  const run = await ask({ question: 'how many wards?' });
  expect(run).toMatchObject({ status: 'completed', agent: 'wards', answer: 'There are three wards.' });
  expect(run.prompts.map(({ name }) => name)).toEqual([
    'supervisor',
    'routing',
    'rounds',
    'this-run',
    'catalog/inventories',
    'agents/wards',
  ]);
  expect(server.requests[0]?.prompt).toContain('wards: Questions about wards.');
  expect(server.requests).toHaveLength(2);
  const events = await eventsOf(run.id);
  expect(events.find((event) => event.type === 'plan.started')?.data).toMatchObject({ agent: 'wards' });
  expect((await house.client.runs.list({ agent: 'wards' })).data.map(({ id }) => id)).toContain(run.id);
});

test('the supervisor answers by itself when nothing has to be looked up, and followers see the answer', async () => {
  script({ [ROUTES]: [textReply('{"agent":null,"answer":"You are welcome."}')] });
  const run = await ask({ question: 'thanks!' });
  expect(run).toMatchObject({ status: 'completed', agent: null, answer: 'You are welcome.', steps: [] });
  expect((await eventsOf(run.id)).find((event) => event.type === 'answer.delta')?.data).toMatchObject({
    text: 'You are welcome.',
  });
  expect(server.requests).toHaveLength(1);
});

test.each([
  ['nonsense', textReply('no idea')],
  ['an agent that is none', textReply('{"agent":"poet","answer":null}')],
])('a supervisor that says %s: an agent that fits takes the question', async (_what, reply) => {
  script({
    [ROUTES]: [reply],
    [PLANS]: [textReply('{"intent":"x","steps":[],"answer":"Three."}')],
  });
  const run = await ask({ question: 'how many wards?' });
  expect(run).toMatchObject({ status: 'completed', agent: 'ops', answer: 'Three.' });
});

test('an agent that is named is asked without a supervisor; one that is not there is refused', async () => {
  script({ [PLANS]: [textReply('{"intent":"x","steps":[],"answer":"Fine."}')] });
  expect(await ask({ question: 'is all well?', agent: 'ops' })).toMatchObject({
    agent: 'ops',
    answer: 'Fine.',
  });
  expect(server.requests[0]?.prompt).toContain('You work for people who run systems');
  const refused = await house.request('POST', '/v1/runs', { question: 'q', agent: 'poet' });
  expect(refused.status).toBe(400);
  expect(refused.json.errors).toEqual([
    expect.objectContaining({ path: 'agent', message: expect.stringContaining('ops') }),
  ]);
});

test('in rounds the calls of a round are steps of the same graph, and their results go back to the model', async () => {
  script({
    [ROUNDS]: [
      toolCallsReply(['ci__search', { query: 'ward-a' }], ['ci__search', { query: '${HOME}' }]),
      textReply('Ward A is there [1.call_1].'),
    ],
  });
  const run = await ask({ question: 'is there a ward A?', agent: 'wards', budget: { steps: 5 } });
  expect(run).toMatchObject({
    // The agent's budget of steps is tighter than the caller's.
    budget: { steps: { limit: 1, used: 1, exceeded: true } },
    status: 'partial',
    answer: 'Ward A is there [1.call_1].',
    citations: [{ step: '1.call_1' }],
  });
  const [first, second] = server.requests;
  expect(first?.body.tools).toMatchObject([
    { function: { name: 'ci__search' } },
    { function: { name: 'ci__get', description: 'One ward by its id.' } },
  ]);
  expect(second?.body.messages).toMatchObject([
    { role: 'system' },
    { role: 'user', content: 'is there a ward A?' },
    { role: 'assistant', tool_calls: [{ id: 'call_1_call_1', function: { name: 'ci__search' } }] },
    { role: 'tool', tool_call_id: 'call_1_call_1', content: expect.stringContaining('[1.call_1] ci.search') },
    { role: 'user', content: expect.stringContaining('budget_exceeded') },
  ]);
});

test('planning that the time of its agent cut short has not failed', async () => {
  script({ [PLANS]: [piecesReply(['{"intent": "', 'stall'])], [JOINS]: [textReply('Nothing is known.')] });
  const run = await ask({ question: 'is there a ward A?', agent: 'hasty' });
  expect(run.missing).toContain('the deadline of the run passed before it was done');
  expect(house.log()).not.toContain('phase failed');
});

test('calls that cannot be made go back at once, and the last round has to answer', async () => {
  script({
    [ROUNDS]: [
      toolCallsReply(['ci__get', { id: 7 }]),
      ...['a', 'b', 'c', 'd'].map((id) => toolCallsReply(['ci__get', { id }])),
      textReply('I found none of them.'),
    ],
  });
  const run = await ask({ question: 'q', agent: 'kubernetes' });
  expect(server.requests[1]?.prompt).toContain('"path":"args.id","expected":"must be string"');
  expect(run.steps.map(({ id }) => id)).toEqual(['1.call_2', '2.call_3', '3.call_4', '4.call_5']);
  expect(run.answer).toBe('I found none of them.');
  expect(server.requests).toHaveLength(6);
  expect(server.requests.at(-1)?.body.tool_choice).toBe('none');
});

test('where no plan can be made, a model that can be reached gets the tools in rounds', async () => {
  script({
    [PLANS]: [textReply('I would rather not.')],
    [ROUNDS]: [toolCallsReply(['ci__get', { id: 'MRI-1' }]), textReply('It is there [1.call_1].')],
  });
  const run = await ask({ question: 'is MRI-1 there?', agent: 'ops' });
  expect(run).toMatchObject({ status: 'completed', answer: 'It is there [1.call_1].' });
  const sealed = (await eventsOf(run.id)).find((event) => event.type === 'plan.sealed');
  expect(sealed?.data).toMatchObject({ intent: 'General assistance with all available tools' });
  // The plan, two repairs, two rounds.
  expect(server.requests).toHaveLength(5);
});

test('the supervisor of a blueprint chooses among its agents; the chat streams and begins a conversation', async () => {
  script({
    [ROUTES]: [textReply('{"agent":"python","answer":null}')],
    [ROUNDS]: [textReply('print("hello")')],
  });
  const response = await fetch(`${house.url}/v1/blueprints/devassist/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${house.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'say hello in Python' }),
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const text = await response.text();
  expect(text).toContain('event: answer.delta');
  expect(text).toContain('event: run.completed');
  const prompt = server.requests[0]?.prompt ?? '';
  expect(prompt).toContain('The users are developers');
  expect(prompt).toContain('kubernetes: ');
  expect(prompt).not.toContain('wards: ');
  expect(response.headers.get('x-planyard-conversation-id')).toMatch(/^conv_/);
});

test('a conversation goes on with what was said; its older part is summed up once it is long', async () => {
  const long = 'word '.repeat(4_000);
  script({
    'Sum up this conversation': [textReply('The user counts words.')],
    [PLANS]: [textReply(`{"intent":"x","steps":[],"answer":"${long}"}`)],
  });
  const chat = async (message: string, conversation_id?: string) => {
    const accepted = await house.client.agents.chat('ops', {
      message,
      ...(conversation_id === undefined ? {} : { conversation_id }),
    });
    await house.client.runs.wait(accepted.id);
    return accepted.conversation_id ?? '';
  };
  const id = await chat('first question');
  await chat('second question', id);
  expect(server.requests.at(-1)?.prompt).toContain('first question');
  await chat('third question', id);
  const last = server.requests.at(-1)?.prompt ?? '';
  expect(server.requests.filter(({ prompt }) => prompt.includes('Sum up this conversation'))).toHaveLength(1);
  expect(last).toContain('What we said before, in short: The user counts words.');
  expect(last).not.toContain('first question');
  const kept = await house.client.conversations.get(id);
  expect(kept).toMatchObject({ summary: 'The user counts words.' });
  expect(kept.turns.data.map(({ question }) => question)).toEqual([
    'third question',
    'second question',
    'first question',
  ]);
  await house.client.conversations.delete(id);
  await expect(house.client.conversations.get(id)).rejects.toMatchObject({ code: 'not_found' });
  const gone = await house.request('POST', '/v1/agents/ops/chat', { message: 'm', conversation_id: id });
  expect(gone.status).toBe(404);
});

test('agents are listed with what they may use now, and with the tools that are not as their file says', async () => {
  const { data } = await house.client.agents.list({ limit: 200 });
  const wards = data.find(({ name }) => name === 'wards');
  expect(wards).toMatchObject({
    prompt: 'agents/wards@1',
    strategy: 'rounds',
    available_tools: ['ci.get', 'ci.search'],
    faults: [expect.stringContaining('ci.list_preview: it has no argument colour')],
  });
  const ready = await house.request('GET', '/readyz');
  const planner = await checkHealth(house.planner.checks);
  for (const checks of [ready.json.checks as { name: string; detail?: string }[], planner.checks])
    expect(checks.find(({ name }) => name === 'agents')?.detail).toContain(
      'agent wards, tool ci.list_preview: it has no argument colour',
    );
  // They do without that tool.
  expect([ready.status, planner.ok]).toEqual([200, true]);
  expect(data.find(({ name }) => name === 'docs')?.available_tools).toEqual([]);
  // Compositions are offered as tools.
  expect(data.find(({ name }) => name === 'ops')?.available_tools).toContain('composition.incident_timeline');
  expect((await house.client.agents.blueprints()).data).toMatchObject([
    { name: 'devassist', agents: ['systemarchitect', 'kubernetes', 'python'] },
  ]);
});

test.each(['seeing', 'blind'])('an agent is shown the data of its scopes and no other: %s', async (agent) => {
  script({ [PLANS]: [textReply('{"intent":"x","steps":[],"answer":"Fine."}')] });
  await ask({ question: 'is all well?', agent });
  const { prompt } = server.requests[0] ?? {};
  if (agent === 'seeing') expect(prompt).toContain('MRI-1');
  else expect(prompt).not.toContain('MRI-1');
});

test('an agent plans and joins with models of its own', async () => {
  const steps = [{ id: 'mri', tool: 'ci.get', args: { id: 'MRI-1' } }];
  script({
    [JOINS]: [textReply('Fine [1.mri].')],
    [PLANS]: [textReply(JSON.stringify({ intent: 'x', steps }))],
  });
  const run = await ask({ question: 'is MRI-1 well?', agent: 'seeing' });
  expect(run).toMatchObject({ status: 'completed', answer: 'Fine [1.mri].' });
  expect(server.requests.map(({ body }) => body.model)).toEqual(['planner-of-its-own', 'joiner-of-its-own']);
});

test('tools are ranked among those of an agent', async () => {
  const { data } = await house.client.tools.rank({ question: 'which wards are there?', agent: 'wards' });
  expect(data.map(({ tool }) => tool).sort()).toEqual(['ci.get', 'ci.search']);
  const poet = house.client.tools.rank({ question: 'q', agent: 'poet' });
  await expect(poet).rejects.toMatchObject({ code: 'not_found' });
});

test('an agent is a model of the OpenAI-compatible door', async () => {
  script({ [PLANS]: [textReply('{"intent":"x","steps":[],"answer":"Fine."}')] });
  const reply = await house.request('POST', '/v1/chat/completions', {
    model: 'planyard/ops',
    messages: [{ role: 'user', content: 'is all well?' }],
  });
  expect(reply.json).toMatchObject({ choices: [{ message: { content: 'Fine.' } }] });
  const models = await house.request('GET', '/v1/models');
  expect((models.json.data as { id: string }[]).map(({ id }) => id)).toEqual(
    expect.arrayContaining(['planyard', 'planyard/ops', 'planyard/devassist']),
  );
});

test('text that turns out to introduce calls is not passed on at the OpenAI-compatible door', async () => {
  const call = toolCallReply('ci__search', { query: 'ward-a' });
  const content = 'I will look for it, step by step. '.repeat(20);
  script({
    [ROUNDS]: [
      { ...call, pieces: [chunkOf({ delta: { content } }), { wait_ms: 150 }, ...call.pieces] },
      textReply('Ward A is there [1.call_1].'),
    ],
  });
  const response = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${house.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'planyard/wards',
      stream: true,
      messages: [{ role: 'user', content: 'is there a ward A?' }],
    }),
  });
  const text = await response.text();
  expect(text).toContain('Ward A is there [1.call_1].');
  expect(text).not.toContain('answer_restarted');
  expect(text).not.toContain('step by step');
});

test('the joiner is shown a large result shortened, and reads in full what it needs', async () => {
  const events = Array.from({ length: 600 }, (_, index): (typeof hospital)['events'][number] => [
    'MRI-1',
    'note',
    'info',
    index + 1,
    `note ${index} ${'and so on '.repeat(20)}`,
  ]);
  await loadFixture(house.db, 'default', { ...hospital, events }, new Date());
  const step = { id: 'log', tool: 'history.event_log', args: { limit: 500 }, purpose: 'all notes' };
  script({
    [JOINS]: [
      toolCallReply('read_result', { step: '1.log', path: 'events[250].message' }),
      textReply('That one is number 250 [1.log].'),
    ],
    [PLANS]: [textReply(JSON.stringify({ intent: 'x', steps: [step] }))],
  });
  const run = await ask({ question: 'what does a note in the middle say?', agent: 'ops' });
  expect(run.answer).toBe('That one is number 250 [1.log].');
  const [, joined, again] = server.requests;
  expect(joined?.prompt).toContain('(shortened)');
  expect(joined?.prompt).toContain('"entries":500');
  // The first and the last are told.
  expect(joined?.prompt).toContain('note 498');
  expect(joined?.prompt).not.toContain('note 249');
  expect(again?.body.messages.at(-1)).toMatchObject({
    role: 'tool',
    content: expect.stringContaining('note 249'),
  });
});
