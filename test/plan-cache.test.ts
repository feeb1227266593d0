import type { Message, RunEvent, RunResponse } from '@planyard/contracts';
import {
  errorReply,
  jsonReply,
  type ModelServer,
  piecesReply,
  type SeenRequest,
  textReply,
  toolCallReply,
} from '@planyard/llm/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { hospital } from './questions/hospital.ts';
import { loadFixture } from './questions/inventory-fixture.ts';
import { type House, openHouse } from './support/house.ts';
import { type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';

let server: ScriptedModel;
let house: House;

beforeAll(async () => {
  server = await startScriptedModel();
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    env: {
      ...server.env,
      PLANYARD_EMBEDDING_MODEL: 'openai/text-embedding-3-small',
      PLAN_CACHE_MODEL: 'openai/gpt-5-nano',
    },
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

const PLANS = 'You plan how to answer';
const JOINS = 'You answer a question';
const ADAPTS = 'This plan of tool calls answered';
const plan = (...steps: object[]) => JSON.stringify({ intent: 'test', steps });
const get = (id: string) => ({ id: 'item', tool: 'ci.get', args: { id } });
const planned = () => server.requests.filter(({ prompt }) => prompt.includes(PLANS)).length;

const seen: string[] = [];

/** Vectors that are the same for questions about owners, and so for each of the other words, and one of its own for each other text. */
function embedding(request: SeenRequest) {
  const texts = [request.body.input].flat().map(String);
  return jsonReply({
    object: 'list',
    model: 'text-embedding-3-small',
    data: texts.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })),
    usage: { prompt_tokens: 3, total_tokens: 3 },
  });
}

function vectorOf(question: string): number[] {
  const text = /own|lend|clean|rent|hire|lease/i.exec(question)?.[0].toLowerCase() ?? question;
  if (!seen.includes(text)) seen.push(text);
  return Array.from({ length: 128 }, (_, index) => (index === seen.indexOf(text) ? 1 : 0));
}

function script(rules: Parameters<ModelServer['script']>[0]) {
  server.script([...rules, { when: ({ path }) => path.endsWith('/embeddings'), replies: embedding }]);
}

async function ask(
  question: string,
  options: object = {},
  budget: { steps?: number } = {},
): Promise<RunResponse> {
  const { id } = await house.client.runs.create({ question, agent: 'ops', options, budget });
  return await house.client.runs.wait(id);
}

async function sealedOf(id: string): Promise<RunEvent['data'] | undefined> {
  for await (const event of house.client.runs.events(id)) if (event.type === 'plan.sealed') return event.data;
  return undefined;
}

test('the plan of a completed run serves the same question again, without a call for the plan', async () => {
  script([
    { when: PLANS, replies: [textReply(plan(get('MRI-1')))] },
    { when: JOINS, replies: [textReply('Radiology [1.item].')] },
  ]);
  expect(await ask('Where does MRI-1 stand?')).toMatchObject({ status: 'completed', plan_source: 'model' });
  expect(planned()).toBe(1);
  const again = await ask('  where does MRI-1 STAND ');
  expect(again).toMatchObject({ status: 'completed', plan_source: 'cache' });
  expect(again.steps.map(({ id, tool }) => [id, tool])).toEqual([['1.item', 'ci.get']]);
  expect(planned()).toBe(1);
  expect(await sealedOf(again.id)).toMatchObject({ source: 'cache' });
  expect(await ask('Where does MRI-1 stand?', { plan_cache: false })).toMatchObject({ plan_source: 'model' });
  expect(planned()).toBe(2);
});

test('a question with a picture is planned anew, whatever its words are', async () => {
  script([
    { when: PLANS, replies: [textReply(plan(get('MRI-1')))] },
    { when: JOINS, replies: [textReply('Radiology [1.item].')] },
  ]);
  const question = 'Whose machine is this?';
  const askWith = async (content: Message['content']) => {
    const messages: Message[] = [{ role: 'user', content }];
    const { id } = await house.client.runs.create({ messages, agent: 'ops' });
    return await house.client.runs.wait(id);
  };
  const picture = (name: string) =>
    askWith([
      { type: 'text', text: question },
      { type: 'image_url', image_url: { url: `https://example.com/${name}.png` } },
    ]);
  expect(await picture('one')).toMatchObject({ status: 'completed', plan_source: 'model' });
  expect(await picture('another')).toMatchObject({ plan_source: 'model' });
  // Of text alone the plan is kept.
  expect(await askWith(question)).toMatchObject({ plan_source: 'model' });
  expect(await askWith([{ type: 'text', text: question }])).toMatchObject({ plan_source: 'cache' });
});

test('a kept plan whose run did not complete is evicted', async () => {
  script([
    { when: 'This question was planned before', replies: [textReply(plan(get('no-such-item')))] },
    { when: PLANS, replies: [textReply(plan(get('MRI-1')))] },
    {
      when: JOINS,
      replies: [
        textReply('Fine [1.item].'),
        toolCallReply('replan', { reason: 'more' }),
        textReply('So [1.item].'),
      ],
    },
  ]);
  const question = 'What kind of thing is MRI-1?';
  await ask(question);
  const second = await ask(question, { max_attempts: 2 });
  // The second attempt failed in a step: partial, so the plan it began with is not good enough.
  expect(second).toMatchObject({ status: 'partial', plan_source: 'cache' });
  expect(await ask(question)).toMatchObject({ plan_source: 'model' });
});

test('a run that is cancelled leaves the kept plan that it took over', async () => {
  let joined = () => {};
  const late = new Promise<void>((resolve) => {
    joined = resolve;
  });
  script([
    { when: PLANS, replies: [textReply(plan(get('MRI-1')))] },
    { when: JOINS, replies: [textReply('Fine [1.item].'), piecesReply([{ until: late }, 'Late.'])] },
  ]);
  const question = 'Which room is MRI-1 in?';
  await ask(question);
  const { id } = await house.client.runs.create({ question, agent: 'ops' });
  expect(await sealedOf(id)).toMatchObject({ source: 'cache' });
  await house.client.runs.cancel(id);
  expect(await house.client.runs.wait(id)).toMatchObject({ status: 'cancelled' });
  joined();
  script([{ when: JOINS, replies: [textReply('Fine [1.item].')] }]);
  expect(await ask(question)).toMatchObject({ status: 'completed', plan_source: 'cache' });
});

test('a plan with a date of today in it is not kept', async () => {
  const log = { id: 'log', tool: 'history.event_log', args: { after: '2026-11-24T00:00:00Z' } };
  script([
    { when: PLANS, replies: [textReply(plan(log))] },
    { when: JOINS, replies: [textReply('Nothing [1.log].')] },
  ]);
  await ask('what happened since yesterday?');
  expect(await ask('what happened since yesterday?')).toMatchObject({ plan_source: 'model' });
});

test('a similar question gets the plan with its arguments and purposes derived anew by the cheap model', async () => {
  const item = (id: string) => ({ ...get(id), purpose: `the owner of ${id}` });
  script([
    { when: ADAPTS, replies: [textReply(JSON.stringify({ steps: [item('ward-a')] }))] },
    { when: PLANS, replies: [textReply(plan(item('MRI-1')))] },
    { when: JOINS, replies: [textReply('It is so [1.item].')] },
  ]);
  await ask('who owns MRI-1?');
  const similar = await ask('who is the owner of ward-a?');
  expect(similar).toMatchObject({ status: 'completed', plan_source: 'similar' });
  expect(planned()).toBe(1);
  const adapted = server.requests.find(({ prompt }) => prompt.includes(ADAPTS));
  expect(adapted?.body.model).toBe('gpt-5-nano');
  expect(adapted?.prompt).toContain('who owns MRI-1?');
  expect(adapted?.prompt).toContain('the owner of MRI-1');
  expect(await house.client.runs.step(similar.id, '1.item')).toMatchObject({
    bound_args: { id: 'ward-a' },
    purpose: 'the owner of ward-a',
  });
});

test.each([
  ['rents', 'after', []],
  ['hires', 'when', { $from: 'item', path: 'item.type' }],
  ['leases', 'fallback', { tool: 'ci.search', args: { id: 'ward-b' } }],
])(
  'who %s: where the model changes `%s` of a similar plan, the question is planned',
  async (does, field, changed) => {
    const ward = {
      ...get('ward-a'),
      id: 'ward',
      after: ['item'],
      when: { $from: 'item', path: 'item.name' },
      fallback: { tool: 'ci.get', args: { id: 'ward-b' } },
    };
    const steps = [get('MRI-1'), { ...ward, [field]: changed }];
    script([
      { when: ADAPTS, replies: [textReply(JSON.stringify({ steps }))] },
      { when: PLANS, replies: [textReply(plan(get('MRI-1'), ward))] },
      { when: JOINS, replies: [textReply('It is so [1.item].')] },
    ]);
    expect(await ask(`who ${does} MRI-1?`)).toMatchObject({ status: 'completed' });
    expect(await ask(`who is it that ${does} MRI-1?`)).toMatchObject({ plan_source: 'model' });
  },
);

test('an adapted plan of which a step cannot run is not taken in part: the model plans', async () => {
  const both = (id: string, ward: object) => [get(id), { id: 'ward', tool: 'ci.get', args: ward }];
  script([
    { when: ADAPTS, replies: [textReply(JSON.stringify({ steps: both('ward-a', { id: 7 }) }))] },
    { when: PLANS, replies: [textReply(plan(...both('MRI-1', { id: 'ward-a' })))] },
    { when: JOINS, replies: [textReply('It is so [1.item].')] },
  ]);
  await ask('who cleans MRI-1 and ward-a?');
  const similar = await ask('who is the cleaner of ward-a and MRI-1?');
  expect(similar).toMatchObject({ status: 'completed', plan_source: 'model' });
  expect(similar.steps.map(({ id }) => id)).toEqual(['1.item', '1.ward']);
});

test('an adapted plan that holds a date of today is not kept', async () => {
  const log = (more: object = {}) => ({ id: 'log', tool: 'history.event_log', args: { ...more } });
  script([
    {
      when: ADAPTS,
      replies: [textReply(JSON.stringify({ steps: [log({ after: '2026-11-24T00:00:00Z' })] }))],
    },
    { when: PLANS, replies: [textReply(plan(log()))] },
    { when: JOINS, replies: [textReply('Nothing [1.log].')] },
  ]);
  await ask('what did the owners do?');
  const owners = 'what did the owners do since yesterday?';
  expect(await ask(owners)).toMatchObject({ status: 'completed', plan_source: 'similar' });
  // It would be `cache` were the plan kept as it was.
  expect(await ask(owners)).toMatchObject({ plan_source: 'similar' });
});

test('a step of a kept plan that the budget has no room for is told as missing; the plan stays kept as it was', async () => {
  script([
    { when: PLANS, replies: [textReply(plan(get('MRI-1'), { ...get('ward-a'), id: 'ward' }))] },
    { when: JOINS, replies: [textReply('Both [1.item].')] },
  ]);
  const question = 'What are MRI-1 and ward-a?';
  await ask(question);
  const short = await ask(question, {}, { steps: 1 });
  expect(short).toMatchObject({ status: 'partial', plan_source: 'cache' });
  expect(JSON.stringify(short.missing)).toContain('ward');
  const whole = await ask(question);
  expect(whole).toMatchObject({ status: 'completed', plan_source: 'cache' });
  expect(whole.steps.map(({ id }) => id)).toEqual(['1.item', '1.ward']);
});

test('a similar plan that does not do evicts the plan it was made of', async () => {
  script([
    { when: ADAPTS, replies: [textReply(JSON.stringify({ steps: [get('no-such-item')] }))] },
    { when: PLANS, replies: [textReply(plan(get('MRI-1')))] },
    { when: JOINS, replies: [textReply('It is so [1.item].')] },
  ]);
  await ask('who lends MRI-1?');
  expect(await ask('who is the lender of ward-a?')).toMatchObject({
    plan_source: 'similar',
    status: 'failed',
  });
  expect(await ask('who lends MRI-1?')).toMatchObject({ plan_source: 'model', status: 'completed' });
});

test('a question that no plan could be made for counts as a plan that failed', async () => {
  script([{ when: PLANS, replies: [textReply('no plan')] }]);
  const { id } = await house.client.runs.create({ question: 'where is this done?', agent: 'code' });
  expect(await house.client.runs.wait(id)).toMatchObject({ status: 'failed' });
  const { data } = await house.client.plans({ by: 'source', agent: 'code' });
  expect(data).toMatchObject([{ source: 'model', plans: 1, success_rate: 0 }]);
});

test('what takes the place of a plan that failed is counted with the prompt of that plan, and with its repairs', async () => {
  script([
    { when: 'Parts of this plan cannot run', replies: [textReply('No.')] },
    { when: PLANS, replies: [textReply('I would rather not.')] },
    {
      when: 'Calls of one round run at the same time',
      replies: [
        toolCallReply('ci__get', { id: 'MRI-1' }),
        textReply('It is there [1.call_1].'),
        textReply('I know without looking.'),
        errorReply(400, 'no such model'),
      ],
    },
    { when: JOINS, replies: [errorReply(400, 'no such model')] },
  ]);
  const ended = async () => {
    const { id } = await house.client.runs.create({ question: 'MRI-1 breakdown?', agent: 'general' });
    return await house.client.runs.wait(id);
  };
  expect(await ended()).toMatchObject({ status: 'completed', answer: 'It is there [1.call_1].' });
  expect(await ended()).toMatchObject({ status: 'completed', answer: 'I know without looking.' });
  expect(await ended()).toMatchObject({ status: 'partial', plan_source: 'broad' });
  const { data } = await house.client.plans({ by: 'prompt,source', agent: 'general' });
  expect(data).toMatchObject([
    { prompt: 'plan@1 agents/general@1', source: 'broad', plans: 3, fallback_rate: 1, repair_rate: 1 },
  ]);
});

test('a run whose budget or planner breaks off before it has a plan counts as a plan that failed, with its error', async () => {
  script([{ when: PLANS, replies: [textReply(plan(get('MRI-1')))] }]);
  const ended = async (request: Parameters<House['client']['runs']['create']>[0]) =>
    await house.client.runs.wait((await house.client.runs.create(request)).id);
  expect(await ended({ question: 'what is left?', budget: { cost_usd: 0 } })).toMatchObject({
    agent: null,
    error: { code: 'budget_exceeded' },
  });
  // The inventory cannot be read: the planner throws, as often as it is tried.
  await sql`alter table data_sources rename to gone`.execute(house.db);
  try {
    expect(await ended({ question: 'what is left?', agent: 'systemarchitect' })).toMatchObject({
      status: 'failed',
      error: { code: 'internal' },
    });
  } finally {
    await sql`alter table gone rename to data_sources`.execute(house.db);
  }
  const { data } = await house.client.plans({ by: 'agent,error' });
  const failed = { plans: 1, success_rate: 0 };
  expect(data).toContainEqual(expect.objectContaining({ agent: null, error: 'budget_exceeded', ...failed }));
  expect(data).toContainEqual(
    expect.objectContaining({ agent: 'systemarchitect', error: 'internal', ...failed }),
  );
});

test('where the plan of a similar question does not fit, the model plans', async () => {
  script([
    { when: ADAPTS, replies: [textReply('{"steps": [{"id": "item", "tool": "ci.search", "args": {}}]}')] },
    { when: PLANS, replies: [textReply(plan(get('MRI-1')))] },
    { when: JOINS, replies: [textReply('It is so [1.item].')] },
  ]);
  expect(await ask('which owners are there at all?')).toMatchObject({ plan_source: 'model' });
});

test('GET /v1/plans tells how plans did, by what is asked for', async () => {
  const page = await house.client.plans({ by: 'agent,source' });
  const row = (source: string) => page.data.find((each) => each.source === source);
  expect(row('cache')).toMatchObject({ agent: 'ops', plans: 7, success_rate: 4 / 7, cache_rate: 1 });
  expect(row('similar')).toMatchObject({ plans: 4, success_rate: 0.75, tool_accuracy: 0.75 });
  expect(row('model')?.mean_latency_ms).toBeGreaterThan(0);
  const { data } = await house.client.plans({ by: 'prompt', agent: 'ops' });
  expect(data).toMatchObject([{ prompt: 'plan@1 agents/ops@1' }]);
  const wrong = await house.request('GET', '/v1/plans?by=colour');
  expect(wrong.status).toBe(400);
});

test('kept plans and tools are looked for by one vector of the question, and by none where its plan is kept', async () => {
  script([
    { when: PLANS, replies: [textReply(plan(get('MRI-1')))] },
    { when: JOINS, replies: [textReply('It is so [1.item].')] },
  ]);
  const embedded = (text: string) =>
    server.requests.filter(
      ({ path, body }) => path.endsWith('/embeddings') && [body.input].flat().includes(text),
    ).length;
  // Questions are compared with the tools once the tools' own vectors are there.
  const other = 'Is ward-b there?';
  await expect
    .poll(async () => {
      await ask(other, { plan_cache: false });
      return embedded(other);
    })
    .toBeGreaterThan(0);
  const question = 'Is MRI-1 there?';
  await ask(question);
  expect(embedded(question)).toBe(1);
  server.requests.length = 0;
  expect(await ask(question)).toMatchObject({ status: 'completed', plan_source: 'cache' });
  expect(embedded(question)).toBe(0);
});
