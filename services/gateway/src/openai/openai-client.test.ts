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
import { zodResponseFormat } from 'openai/helpers/zod';
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
  expect(models.data.map(({ id }) => id)).toEqual(['planyard', model, 'openai/text-embedding-3-small']);
  expect(await client.models.retrieve(model)).toMatchObject({
    owned_by: 'openai',
    planyard: { breaker: 'closed' },
  });
  await expect(client.models.retrieve('openai/none')).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
});

it('errors are the client’s own classes, with OpenAI’s fields', async () => {
  const ask = (more: object = {}) => client.chat.completions.create({ model, messages: hello, ...more });
  play(errorReply(400, 'temperature must be below 2'));
  await expect(ask()).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' });
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
