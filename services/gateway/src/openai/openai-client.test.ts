import { randomUUID } from 'node:crypto';
import {
  errorReply,
  piecesReply,
  type Reply,
  streamReply,
  textReply,
  toolCallReply,
} from '@planyard/llm/testing';
import { sql } from 'kysely';
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { completionReply, jsonReply } from '../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../testing/model-door.ts';

let door: ModelDoor;
let client: OpenAI;

beforeAll(async () => {
  door = await openModelDoor(inject('redisUrl'));
  client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
});
afterAll(() => door?.close());
beforeEach(() => {
  door.upstream.requests.length = 0;
});

const model = 'openai/gpt-5-mini';
const play = (...replies: Reply[]) => door.play(...replies);
const hello = [{ role: 'user' as const, content: 'Grüße' }];
const withLogprobs = (token: object) => ({
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hi' },
      logprobs: { content: [token] },
      finish_reason: 'stop',
    },
  ],
});

it('a whole completion is the upstream’s own, asked with our key and the caller’s fields', async () => {
  play(completionReply({ content: 'Guten Tag 🚀' }, { service_tier: 'flex' }));
  const { data, response } = await client.chat.completions
    .create({ model, messages: hello, seed: 7, stop: ['x'], ...{ some_new_field: { model: 'nested' } } })
    .withResponse();
  expect(data.choices[0]?.message.content).toBe('Guten Tag 🚀');
  expect(data).toMatchObject({ service_tier: 'flex', usage: { total_tokens: 12 } });
  expect(response.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
  const [seen] = door.upstream.requests;
  expect(seen?.headers.authorization).toBe('Bearer sk-upstream-secret');
  expect(seen?.body).toEqual({
    model: 'gpt-5-mini',
    messages: hello,
    seed: 7,
    stop: ['x'],
    some_new_field: { model: 'nested' },
  });
});

it('a stream arrives piece by piece; usage only where it was asked for, and recorded all the same', async () => {
  play(textReply('Hello there, you', { chunk: 4 }));
  const texts: string[] = [];
  for await (const chunk of await client.chat.completions.create({ model, messages: hello, stream: true })) {
    expect(chunk.choices).toHaveLength(1);
    if (chunk.choices[0]?.delta.content) texts.push(chunk.choices[0].delta.content);
  }
  expect(texts).toEqual(['Hell', 'o th', 'ere,', ' you']);
  expect(door.upstream.requests[0]?.body.stream_options).toEqual({ include_usage: true });

  const told = client.chat.completions.stream({
    model,
    messages: hello,
    stream_options: { include_usage: true },
  });
  expect((await told.finalChatCompletion()).usage).toMatchObject({
    prompt_tokens: 100,
    completion_tokens: 20,
  });
});

it('tools: parallel calls whole and streamed, and their results on the way back', async () => {
  const tools = [
    {
      type: 'function' as const,
      function: { name: 'weather', parameters: { type: 'object', properties: {} } },
    },
  ];
  const call = (id: string) => ({
    id,
    type: 'function',
    function: { name: 'weather', arguments: '{"c":"B"}' },
  });
  play(completionReply({ tool_calls: [call('a'), call('b')] }, {}));
  const whole = await client.chat.completions.create({
    model,
    messages: hello,
    tools,
    parallel_tool_calls: true,
  });
  expect(whole.choices[0]?.message.tool_calls?.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(whole.choices[0]?.finish_reason).toBe('tool_calls');

  play(toolCallReply('weather', { city: 'Bern' }));
  const streamed = client.chat.completions.stream({
    model,
    messages: [
      ...hello,
      ...whole.choices.map(({ message }) => message),
      { role: 'tool', tool_call_id: 'a', content: '3°' },
    ],
    tools,
  });
  const message = (await streamed.finalChatCompletion()).choices[0]?.message;
  expect(message?.tool_calls).toMatchObject([
    { type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
  ]);
  expect(door.upstream.requests[1]?.body.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
  ]);
});

it('a refusal is one, and no content: streamed and whole, of both APIs', async () => {
  const answer = { role: 'assistant' as const, content: null, refusal: 'I will not say.' };
  const choice = { index: 0, finish_reason: 'stop' };
  door.upstream.script([
    {
      when: /./,
      replies: ({ body }) =>
        body.stream
          ? streamReply([
              `data: ${JSON.stringify({ choices: [{ ...choice, delta: answer }] })}\n\n`,
              'data: [DONE]\n\n',
            ])
          : jsonReply({ choices: [{ ...choice, message: answer }] }),
    },
  ]);
  const format = { name: 'answer', schema: { type: 'object' }, strict: false };
  const chat = {
    model,
    messages: [{ role: 'user' as const, content: 'hello' }],
    response_format: { type: 'json_schema' as const, json_schema: format },
  };
  const whole = await client.chat.completions.create(chat);
  expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', message: answer });
  const streamed = await client.chat.completions.stream(chat).finalChatCompletion();
  expect(streamed.choices[0]).toMatchObject({ finish_reason: 'stop', message: answer });
  const asked = {
    model,
    input: 'hello',
    text: { format: { type: 'json_schema' as const, ...format } },
  };
  const part = { type: 'refusal', refusal: 'I will not say.' };
  const item = { type: 'message', content: [part] };
  expect(await client.responses.create(asked)).toMatchObject({ status: 'completed', output: [item] });
  expect(await client.responses.stream(asked).finalResponse()).toMatchObject({ output: [item] });
});

it('a format reaches the upstream as it was written', async () => {
  play(textReply('{"n":1}'));
  const json_schema = { name: 'n', description: 'A number', schema: { type: 'object' }, strict: false };
  const formats = [
    { type: 'json_object' as const },
    { type: 'json_schema' as const, json_schema },
    { type: 'json_schema' as const, json_schema: { name: 'n', schema: { type: 'object' } } },
  ];
  for (const response_format of formats)
    await client.chat.completions.stream({ model, messages: hello, response_format }).done();
  for (const format of [{ type: 'json_object' as const }, { type: 'json_schema' as const, ...json_schema }])
    await client.responses.stream({ model, input: 'hello', text: { format } }).done();
  expect(door.upstream.requests.map(({ body }) => body.response_format)).toEqual([
    ...formats,
    ...formats.slice(0, 2),
  ]);
});

it('parse: a zod response_format', async () => {
  const Answer = z.object({ city: z.string() });
  play(completionReply({ content: '{"city":"Bern"}' }));
  const parsed = await client.chat.completions.parse({
    model,
    messages: hello,
    response_format: zodResponseFormat(Answer, 'answer'),
  });
  expect(parsed.choices[0]?.message.parsed).toEqual({ city: 'Bern' });
  expect(door.upstream.requests[0]?.body.response_format).toMatchObject({ type: 'json_schema' });
});

it('embeddings: floats, and the base64 that the client asks for by itself', async () => {
  const vector = [0.5, -1.25, 3];
  play(
    jsonReply({
      data: [{ index: 0, embedding: vector }],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    }),
  );
  const asked = { model: 'openai/text-embedding-3-small', input: 'hello' };
  expect((await client.embeddings.create(asked)).data[0]?.embedding).toEqual(vector);
  const floats = await client.embeddings.create({ ...asked, encoding_format: 'float' });
  expect(floats.data[0]?.embedding).toEqual(vector);
});

it('models: routes’ and providers’ with the state of their breakers', async () => {
  const models = await client.models.list();
  expect(models.data.map(({ id }) => id).filter((id) => !id.startsWith('planyard/'))).toEqual([
    'planyard',
    model,
    'openai/text-embedding-3-small',
  ]);
  expect(await client.models.retrieve(model)).toMatchObject({
    owned_by: 'openai',
    planyard: { breaker: 'closed' },
  });
  await expect(client.models.retrieve('openai/none')).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
});

it('responses: whole, streamed with every event in order, and tools', async () => {
  door.play(textReply('Hello there', { chunk: 3 }));
  const asked = { model, instructions: 'Be kind', input: 'Grüße' };
  const stream = client.responses.stream(asked);
  const types: string[] = [];
  const numbers: number[] = [];
  for await (const event of stream) {
    types.push(event.type);
    numbers.push(event.sequence_number);
  }
  const final = await stream.finalResponse();
  expect(final.output_text).toBe('Hello there');
  expect(final.usage).toMatchObject({ input_tokens: 100, output_tokens: 20, total_tokens: 120 });
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect([...new Set(types)]).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  const messages = door.upstream.requests[0]?.body.messages;
  expect(messages).toEqual([
    { role: 'system', content: 'Be kind' },
    { role: 'user', content: 'Grüße' },
  ]);

  const weather = { name: 'weather', arguments: '{"city":"Bern"}' };
  door.play(
    completionReply({ tool_calls: [{ id: 'call_1', type: 'function', function: weather }] }),
    completionReply({ content: 'It is 3°.' }),
  );
  const tools = [
    { type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false },
  ];
  const called = await client.responses.create({ ...asked, tools, stream: false });
  const [call] = called.output;
  expect(call).toMatchObject({ type: 'function_call', name: 'weather', arguments: '{"city":"Bern"}' });
  const answered = await client.responses.create({
    model,
    tools,
    input: [
      { role: 'user', content: 'Grüße' },
      ...(called.output as OpenAI.Responses.ResponseInputItem[]),
      { type: 'function_call_output', call_id: 'call_1', output: '3°' },
    ],
  });
  expect(answered.output_text).toBe('It is 3°.');

  const Answer = z.object({ city: z.string() });
  door.play(completionReply({ content: '{"city":"Bern"}' }));
  const parsed = await client.responses.parse({
    ...asked,
    text: { format: zodTextFormat(Answer, 'answer') },
  });
  expect(parsed.output_parsed).toEqual({ city: 'Bern' });
});

it('a response’s fields that are the model’s to judge reach it, log probabilities in its own words', async () => {
  const token = { token: 'Hi', logprob: -0.1, bytes: null, top_logprobs: [] };
  door.play(jsonReply(withLogprobs(token)));
  const response = await client.responses.create({
    model,
    input: 'x',
    include: ['message.output_text.logprobs'],
    top_logprobs: 2,
    service_tier: 'flex',
    truncation: 'disabled',
    reasoning: { effort: 'none' },
    ...{ some_new_field: 1 },
  });
  expect(door.upstream.requests[0]?.body).toEqual({
    model: 'gpt-5-mini',
    messages: [{ role: 'user', content: 'x' }],
    stream: false,
    logprobs: true,
    top_logprobs: 2,
    service_tier: 'flex',
    reasoning_effort: 'none',
    some_new_field: 1,
  });
  expect(response.output[0]).toMatchObject({ content: [{ text: 'Hi', logprobs: [token] }] });
});

it('responses that fail: before the first word with a status, after it in the stream', async () => {
  door.play(errorReply(400, 'no such thing'));
  await expect(client.responses.create({ model, input: 'x' })).rejects.toMatchObject({ status: 400 });
  await expect(
    client.responses.create({ model, input: 'x', previous_response_id: 'resp_1' }),
  ).rejects.toMatchObject({ status: 400, param: 'previous_response_id' });
  await expect(
    client.responses.create({ model, input: [{ type: 'item_reference', id: 'msg_unknown' }] }),
  ).rejects.toMatchObject({ status: 400, param: 'input[0].id' });
  door.play(piecesReply(['half ', 'cut']));
  const events = await client.responses.create({ model, input: 'x', stream: true });
  const last = (await Array.fromAsync(events)).at(-1);
  expect(last).toMatchObject({ type: 'response.failed', response: { status: 'failed' } });
});

it('an idempotency key gets the same reply again, streamed or whole, and belongs to one body', async () => {
  door.play(textReply('first'), textReply('second'));
  const headers = { 'idempotency-key': randomUUID() };
  const ask = async (content: string) => {
    const body = { model, messages: [{ role: 'user' as const, content }], stream: true as const };
    const chunks = await Array.fromAsync(await client.chat.completions.create(body, { headers }));
    return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
  };
  expect([await ask('x'), await ask('x')]).toEqual(['first', 'first']);
  await expect(ask('y')).rejects.toMatchObject({ status: 422, code: 'idempotency_mismatch' });
  expect(door.upstream.requests).toHaveLength(1);
});

it('errors are the client’s own classes, with OpenAI’s fields', async () => {
  const ask = (more: object = {}) => client.chat.completions.create({ model, messages: hello, ...more });
  play(errorReply(400, 'temperature must be below 2'));
  await expect(ask()).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' });
  const unsupported = {
    message: 'x',
    type: 'invalid_request_error',
    param: 'logit_bias',
    code: 'unsupported_parameter',
  };
  play({ ...jsonReply({ error: unsupported }), status: 400 });
  await expect(ask()).rejects.toMatchObject({ param: 'logit_bias', code: 'unsupported_parameter' });
  play(errorReply(429, 'slow down', { headers: { 'retry-after': '3600' } }));
  const limited = await ask().catch((error: unknown) => error);
  expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
  expect((limited as InstanceType<typeof OpenAI.RateLimitError>).headers?.get('retry-after')).toBe('3600');
  await expect(ask({ model: 'nowhere/x' })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
    param: 'model',
  });
  await expect(ask({ messages: [] })).rejects.toMatchObject({ status: 400, param: 'messages' });
  const stranger = client.withOptions({ apiKey: 'py_00000000_00000000000000000000000000000000' });
  await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  const reader = client.withOptions({ apiKey: await door.gateway.key(['runs:read']) });
  await expect(reader.chat.completions.create({ model, messages: hello })).rejects.toMatchObject({
    status: 403,
  });
  await expect(reader.models.list()).rejects.toMatchObject({ status: 403, code: 'forbidden' });
  await expect(client.completions.create({ model, prompt: 'x' })).rejects.toMatchObject({
    status: 404,
    code: 'not_found',
  });
  await expect(client.post('/chat/completions', { body: ['x'] })).rejects.toMatchObject({
    status: 400,
    param: null,
  });
});

it('a stream that is cut after it began ends in an error, never as if it were whole', async () => {
  play(piecesReply(['half ', 'cut']));
  const texts: string[] = [];
  const read = async () => {
    for await (const chunk of await client.chat.completions.create({ model, messages: hello, stream: true }))
      texts.push(chunk.choices[0]?.delta.content ?? '');
  };
  await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
  expect(texts.join('')).toBe('half ');
});

it('a caller who leaves cancels the upstream request', async () => {
  play(streamReply(['stall']));
  const leaving = new AbortController();
  const asked = client.chat.completions
    .create({ model, messages: hello }, { signal: leaving.signal })
    .catch(() => 'left');
  await expect.poll(() => door.upstream.requests.length).toBe(1);
  leaving.abort();
  expect(await asked).toBe('left');
  expect(await door.upstream.requests[0]?.aborted).toBe(true);
});

it('calls are recorded with whose they were and their tags', async () => {
  play(completionReply({ content: 'x' }));
  await client.chat.completions.create(
    { model, messages: hello },
    { headers: { 'x-planyard-tags': 'team-a, beta' } },
  );
  await expect
    .poll(() =>
      door.gateway.db
        .selectFrom('model_calls')
        .selectAll()
        .where('tags', '@>', sql<string[]>`array['team-a', 'beta']`)
        .execute(),
    )
    .toMatchObject([
      { provider: 'openai', model: 'gpt-5-mini', status: 'ok', input_tokens: '9', run_id: null },
    ]);
});
