import { randomUUID } from 'node:crypto';
import { errorReply, piecesReply, type Reply, streamReply, textReply } from '@planyard/llm/testing';
import OpenAI from 'openai';
import { expect, it } from 'vitest';
import { jsonReply } from '../testing/completion-reply.ts';
import { call } from '../testing/open-gateway.ts';
import { openAiAtDoor } from '../testing/openai-at-door.ts';

const { door, client } = await openAiAtDoor();

const model = 'openai/gpt-5-mini';
const play = (...replies: Reply[]) => door.play(...replies);
const hello = [{ role: 'user' as const, content: 'Grüße' }];

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

it('a model whose breaker is open is listed so, though its provider lists it not', async () => {
  play(errorReply(500, 'oops'));
  const ask = () =>
    client.chat.completions.create({ model: 'openai/unlisted', messages: hello }).catch(() => {});
  const listed = async () =>
    (await client.models.list()).data.find(({ id }) => id === 'openai/unlisted') as unknown;
  const open = { owned_by: 'openai', planyard: { kind: 'model', breaker: 'open' } };
  await expect
    .poll(async () => {
      await ask();
      return await listed();
    })
    .toMatchObject(open);
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
    code: 'unknown_path',
  });
  await expect(client.post('/chat/completions', { body: ['x'] })).rejects.toMatchObject({
    status: 400,
    param: null,
  });
});

it('a client that retries does not have a provider’s failure retried again', async () => {
  play(errorReply(500, 'oops'));
  const retrying = client.withOptions({ maxRetries: 2 });
  const asked = retrying.chat.completions.create({ model: 'openai/failing', messages: hello });
  await expect(asked).rejects.toMatchObject({ status: 502 });
  expect(door.upstream.requests).toHaveLength(4);
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
  // All of its chunks, the last one too, are of one completion.
  const { text } = await call(door.gateway, 'POST', '/v1/chat/completions', {
    key: door.apiKey,
    body: { model, messages: hello, stream: true },
  });
  expect(new Set(text.match(/"id":"[^"]+"/g)).size).toBe(1);
  expect(text).toContain('"finish_reason":"error"');
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
