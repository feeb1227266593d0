import { streamReply, textReply } from '@planyard/llm/testing';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { completionReply } from '../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../testing/model-door.ts';
import { call } from '../testing/open-gateway.ts';

let door: ModelDoor;
beforeAll(async () => {
  door = await openModelDoor(inject('redisUrl'));
});
afterAll(() => door?.close());
beforeEach(() => {
  door.upstream.requests.length = 0;
});

function ask(
  model: string,
  headers: Record<string, string>,
  more: { stream?: true; max_tokens?: number | null; max_completion_tokens?: number | null } = {},
) {
  const client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: 'hello' }];
  return client.chat.completions.create({ model, messages, ...more }, { headers });
}

it('a budget by header sets the tokens of the answer, or refuses the call before it is made', async () => {
  door.play(completionReply({ content: 'Guten Tag' }));
  await ask('openai/gpt-5-mini', { 'x-planyard-budget-tokens': '100' });
  // What is left besides the question, which counts as 6.
  expect(door.upstream.requests[0]?.body.max_tokens).toBe(94);
  await expect(ask('openai/gpt-5-mini', { 'x-planyard-budget-tokens': '3' })).rejects.toMatchObject({
    status: 402,
    code: 'budget_exceeded',
  });
  const dear = ask('openai/gpt-5-mini', { 'x-planyard-budget-usd': '0.001' }, { max_tokens: 1_000 });
  await expect(dear).rejects.toMatchObject({ status: 402, code: 'budget_exceeded' });
  expect(door.upstream.requests).toHaveLength(1);
});

it('no way of writing a limit gets past the budget', async () => {
  door.play(completionReply({ content: 'Guten Tag' }));
  const headers = { 'x-planyard-budget-tokens': '100' };
  await ask('openai/gpt-5-mini', headers, { max_tokens: null, max_completion_tokens: null });
  expect(door.upstream.requests[0]?.body).toMatchObject({ max_tokens: 94 });
  expect(door.upstream.requests[0]?.body).not.toHaveProperty('max_completion_tokens');
  const larger = ask('openai/gpt-5-mini', headers, { max_tokens: 5_000, max_completion_tokens: 10 });
  await expect(larger).rejects.toMatchObject({ status: 402 });

  const client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
  const respond = (more: object) =>
    client.responses.create({ model: 'openai/gpt-5-mini', input: 'hello', ...more }, { headers });
  await respond({ max_tokens: null, max_completion_tokens: null });
  expect(door.upstream.requests[1]?.body).toMatchObject({ max_tokens: 94 });
  expect(door.upstream.requests[1]?.body).not.toHaveProperty('max_completion_tokens');
  for (const param of ['max_tokens', 'max_completion_tokens', 'n'])
    await expect(respond({ [param]: 5_000 }), param).rejects.toMatchObject({ status: 400, param });
  expect(door.upstream.requests).toHaveLength(2);
});

it('answers of which the best is given count, each of them', async () => {
  const headers = { 'x-planyard-budget-tokens': '100' };
  for (const best_of of [4, '4']) {
    const more = { max_tokens: 30, best_of };
    await expect(ask('openai/gpt-5-mini', headers, more)).rejects.toMatchObject({ status: 402 });
  }
  expect(door.upstream.requests).toHaveLength(0);
});

it('what a call holds besides its messages’ texts counts, too', async () => {
  door.play(completionReply({ content: 'Guten Tag' }));
  const client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
  const long = 'word '.repeat(200);
  const call = {
    id: 'a',
    type: 'function' as const,
    function: { name: 'f', arguments: JSON.stringify({ long }) },
  };
  const user = { role: 'user' as const, content: 'hello' };
  const functions = [{ name: 'f', description: long, parameters: {} }];
  const bodies = [
    { messages: [user], functions },
    { messages: [user], functions, response_format: { type: 'json_object' as const } },
    { messages: [user], documents: [{ text: long }] },
    { messages: [user, { role: 'assistant' as const, tool_calls: [call] }, user] },
    {
      messages: [{ role: 'user' as const, content: [{ type: 'file' as const, file: { file_data: long } }] }],
    },
  ];
  for (const body of bodies)
    await expect(
      client.chat.completions.create(
        { model: 'openai/gpt-5-mini', ...body },
        { headers: { 'x-planyard-budget-tokens': '100' } },
      ),
    ).rejects.toMatchObject({ status: 402, code: 'budget_exceeded' });
  const response = client.responses.create(
    { model: 'openai/gpt-5-mini', input: 'hello', ...{ functions } },
    { headers: { 'x-planyard-budget-tokens': '100' } },
  );
  await expect(response).rejects.toMatchObject({ status: 402, code: 'budget_exceeded' });
  expect(door.upstream.requests).toHaveLength(0);
});

it('a route by header takes the place of the model', async () => {
  door.play(completionReply({ content: 'Guten Tag' }));
  const { data, response } = await ask('nowhere/nothing', {
    'x-planyard-route': 'openai/gpt-5-mini',
  }).withResponse();
  expect(data).toMatchObject({ choices: [{ message: { content: 'Guten Tag' } }] });
  expect(response.headers.get('x-planyard-model')).toBe('openai/gpt-5-mini');
  expect(door.upstream.requests[0]?.body.model).toBe('gpt-5-mini');
});

it('two calls of one request id are two completions, and two responses', async () => {
  door.play(completionReply({ content: 'Guten Tag' }));
  const headers = { 'x-request-id': 'mine' };
  const client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
  const respond = () => client.responses.create({ model: 'openai/gpt-5-mini', input: 'hello' }, { headers });
  const [first, second] = [await respond(), await respond()];
  expect(first.id).not.toBe(second.id);
  expect(first.output[0]?.id).not.toBe(second.output[0]?.id);
});

it('under a budget in USD a model without a price is refused', async () => {
  door.play(textReply('ok'));
  await expect(ask('openai/unheard-of', { 'x-planyard-budget-usd': '1' })).rejects.toMatchObject({
    status: 422,
    code: 'model_unpriced',
  });
});

it('what has no price is refused in plain calls and in those with tools', async () => {
  const headers = { 'x-planyard-budget-usd': '1' };
  const messages = [{ role: 'user', content: 'hello' }];
  const tools = [{ type: 'function', function: { name: 'f' } }];
  for (const [param, more] of [
    ['web_search_options', { web_search_options: {} }],
    ['web_search_options', { web_search_options: {}, tools }],
    ['tools', { tools: [...tools, { type: 'openrouter:web_search' }] }],
    ['tools', { tools: [{ type: 'openrouter:web_search' }], n: 2 }],
  ] as const) {
    const body = { model: 'openai/gpt-5-mini', messages, ...more };
    const asked = { key: door.apiKey, headers, body };
    const { status, json } = await call(door.gateway, 'POST', '/v1/chat/completions', asked);
    expect({ status, code: json.error.code, param: json.error.param }).toEqual({
      status: 422,
      code: 'model_unpriced',
      param,
    });
  }
  expect(door.upstream.requests).toHaveLength(0);
});

it('a call costs less where its reply, or its stream, says that it had flexible service', async () => {
  const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
  const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
  const ended = event({ choices: [{ index: 0, delta: { content: 'ok' }, finish_reason: 'stop' }] });
  const body = {
    model: 'openai/gpt-5-mini',
    messages: [{ role: 'user', content: 'hello' }],
    service_tier: 'flex',
  };
  const reader = await door.gateway.key(['runs:read']);
  const cost = async (tag: string, stream: boolean, told: object) => {
    const whole = completionReply({ content: 'ok' }, told);
    const events = streamReply([ended, event({ choices: [], usage, ...told }), 'data: [DONE]\n\n']);
    door.play(stream ? events : whole);
    const headers = { 'x-planyard-tags': tag };
    await call(door.gateway, 'POST', '/v1/chat/completions', {
      key: door.apiKey,
      headers,
      body: { ...body, stream },
    });
    const total = async () =>
      (await call(door.gateway, 'GET', `/v1/usage?tag=${tag}`, { key: reader })).json.total;
    await expect.poll(total).toMatchObject({ calls: 1 });
    return (await total()).cost_usd;
  };
  expect(await cost('whole', false, {})).toBe(8.25e-6);
  expect(await cost('stream', true, {})).toBe(8.25e-6);
  expect(await cost('flex-whole', false, { service_tier: 'flex' })).toBe(4.125e-6);
  expect(await cost('flex-stream', true, { service_tier: 'flex' })).toBe(4.125e-6);
});
