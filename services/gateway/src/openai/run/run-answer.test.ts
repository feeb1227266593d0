import type { Consumer } from '@planyard/engine';
import { OpenAI } from 'openai';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { completionReply } from '../../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../../testing/model-door.ts';
import { type Play, playServices } from '../../testing/play-services.ts';

let door: ModelDoor;
let client: OpenAI;
let services: Consumer | undefined;

beforeAll(async () => {
  door = await openModelDoor(inject('redisUrl'));
  client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
});
afterAll(() => door?.close());
afterEach(() => services?.close(0));

const play = (given: Play) => {
  services = playServices(door.gateway, given);
};
const messages = [
  { role: 'developer' as const, content: 'Be brief' },
  { role: 'user' as const, content: 'who owns MRI-1?' },
];

it('a run as a chat completion: its answer, its steps and what it was asked with', async () => {
  play({ steps: [{ id: 'mri' }], answer: ['Radio', 'logy'] });
  const headers = {
    'x-planyard-tags': 'team-a',
    'x-planyard-budget-usd': '0.5',
    'x-planyard-timeout-ms': '60000',
  };
  const whole = await client.chat.completions.create({ model: 'planyard', messages }, { headers });
  expect(whole.choices[0]).toMatchObject({ message: { content: 'Radiology' }, finish_reason: 'stop' });
  const { planyard } = whole as unknown as { planyard: { run_id: string; status: string } };
  expect(planyard.status).toBe('completed');
  const run = await door.gateway.db
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', planyard.run_id)
    .executeTakeFirstOrThrow();
  expect(run.request).toMatchObject({ tags: ['team-a'], budget: { cost_usd: 0.5 } });
  expect(run.question).toBe('who owns MRI-1?');
});

it('an agent that is not there is no model', async () => {
  await expect(client.chat.completions.create({ model: 'planyard/poet', messages })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
    message: expect.stringContaining('There is no agent "poet"'),
  });
});

it('a question is no longer than one of any run', async () => {
  const content = 'x'.repeat(20_001);
  const refused = { status: 400, param: 'messages[0].content' };
  const asked = [{ role: 'user' as const, content }];
  await expect(client.chat.completions.create({ model: 'planyard', messages: asked })).rejects.toMatchObject(
    refused,
  );
  await expect(client.responses.create({ model: 'planyard', input: content })).rejects.toMatchObject(refused);
});

it('streamed, with the steps as they go', async () => {
  play({ steps: [{ id: 'mri' }], answer: ['Radio', 'logy'] });
  const stream = await client.chat.completions.create({ model: 'planyard', messages, stream: true });
  const chunks = await Array.fromAsync(stream);
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').filter(Boolean)).toEqual([
    'Radio',
    'logy',
  ]);
  const events = chunks.flatMap((chunk) => {
    const { planyard } = chunk as unknown as { planyard?: { event?: { type: string } } };
    return planyard?.event ? [planyard.event.type] : [];
  });
  expect(events).toEqual(expect.arrayContaining(['plan.sealed', 'step.started', 'step.completed']));
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
});

it('as a response too', async () => {
  play({ answer: ['Radiology'] });
  const response = await client.responses.create({ model: 'planyard', input: 'who owns MRI-1?' });
  expect(response.output_text).toBe('Radiology');
});

it('an answer that begins anew ends in an error', async () => {
  play({ answer: ['Radio', 'logy'], restart: true });
  const stream = await client.chat.completions.create({ model: 'planyard', messages, stream: true });
  await expect(Array.fromAsync(stream)).rejects.toMatchObject({ code: 'answer_restarted' });
});

it('a caller who leaves cancels the run; tools are refused', async () => {
  play({ steps: [{ id: 'slow' }], execute: () => new Promise(() => {}) });
  const leaving = new AbortController();
  const stream = await client.chat.completions.create(
    { model: 'planyard', messages, stream: true },
    { signal: leaving.signal },
  );
  const [first] = await Promise.all([(await stream[Symbol.asyncIterator]().next()).value]);
  const { planyard } = first as unknown as { planyard: { run_id: string } };
  leaving.abort();
  await expect
    .poll(async () => (await door.gateway.engine.readRun(planyard.run_id))?.status)
    .not.toBe('executing');
  const tools = [{ type: 'function' as const, function: { name: 'x', parameters: {} } }];
  await expect(client.chat.completions.create({ model: 'planyard', messages, tools })).rejects.toMatchObject({
    status: 400,
    param: 'tools',
  });
});

it('a repeated request with a time limit finds its run by the idempotency key', async () => {
  play({ answer: ['Radio', 'logy'], restart: true });
  const headers = { 'idempotency-key': 'again-1', 'x-planyard-timeout-ms': '60000' };
  const ask = () => client.chat.completions.create({ model: 'planyard', messages }, { headers });
  // Its failure is not kept, so the second is a request of its own: the run is the first one's.
  for (const _ of [1, 2]) await expect(ask()).rejects.toMatchObject({ code: 'answer_restarted' });
  const found = await door.gateway.db
    .selectFrom('idempotency_keys')
    .select('run_id')
    .where('key', '=', 'again-1')
    .execute();
  expect(found).toHaveLength(1);
});

it('counts as a run, by the limit on runs', async () => {
  const narrow = await openModelDoor(inject('redisUrl'), { PLANYARD_RATE_LIMIT: '1' });
  const narrowed = new OpenAI({ apiKey: narrow.apiKey, baseURL: narrow.baseURL, maxRetries: 0 });
  const served = playServices(narrow.gateway, { answer: ['Radiology'] });
  const ask = () => narrowed.chat.completions.create({ model: 'planyard', messages }).withResponse();
  try {
    const { response } = await ask();
    expect(response.headers.get('x-ratelimit-limit')).toBe('1');
    await expect(ask()).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    narrow.play(completionReply({ content: 'ok' }));
    // A model is asked by a limit of its own.
    const { choices } = await narrowed.chat.completions.create({ model: 'openai/gpt-5-mini', messages });
    expect(choices[0]?.message.content).toBe('ok');
  } finally {
    await served.close(0);
    await narrow.close();
  }
});
