import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { ChatCompletion } from '@planyard/contracts';
import { chunkOf, streamReply, textReply, toolCallReply } from '@planyard/llm/testing';
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
  door.play(completionReply({ content: 'ok' }));
});

const model = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'x' }];
const tool = { type: 'function', function: { name: 'a' } };
const CHAT = '/v1/chat/completions';
const ask = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(door.gateway, 'POST', path, { key: door.apiKey, body, headers });
const about = (method: string, path: string) => call(door.gateway, method, path, { key: door.apiKey });

it.each<[path: string, param: string | null, body: unknown]>([
  [CHAT, 'stream', { model, messages, stream: 'yes' }],
  [CHAT, 'messages', { model }],
  [CHAT, 'messages', { model, messages: [] }],
  [CHAT, 'model', { messages }],
  [CHAT, null, [1]],
  [CHAT, 'max_tokens', { model, messages, max_tokens: 0 }],
  [CHAT, 'n', { model, messages, n: '2' }],
  [CHAT, 'messages[0].role', { model, messages: [{ role: 'alien', content: 'x' }], tools: [tool] }],
  [
    CHAT,
    'messages[1].tool_call_id',
    { model, messages: [...messages, { role: 'tool', content: 'x' }], tools: [tool] },
  ],
  [
    CHAT,
    'messages[0].content[0].text',
    { model, messages: [{ role: 'user', content: [{ type: 'text' }] }], tools: [tool] },
  ],
  [CHAT, 'tools[0].function.name', { model, messages, tools: [{ type: 'function', function: {} }] }],
  [CHAT, 'tool_choice', { model, messages, tools: [tool], tool_choice: 'alien' }],
  [
    CHAT,
    'tool_choice',
    { model, messages, tools: [tool], tool_choice: { type: 'function', function: { name: 'b' } } },
  ],
  [
    CHAT,
    'tool_choice',
    {
      model,
      messages,
      tools: [tool],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'b' } }] },
      },
    },
  ],
  ['/v1/responses', 'tool_choice', { model, input: 'x', tool_choice: 'required' }],
  [
    '/v1/responses',
    'input[0].encrypted_content',
    { model, input: [{ type: 'reasoning', summary: [], encrypted_content: 'of another' }] },
  ],
  [CHAT, 'temperature', { model, messages, tools: [tool], temperature: 'hot' }],
  ['/v1/embeddings', 'input', { model }],
  ['/v1/embeddings', 'input[1]', { model, input: ['a', 1] }],
  ['/v1/embeddings', 'input', { model, input: Array(2049).fill('a') }],
  ['/v1/responses', 'input', { model }],
  ['/v1/responses', 'input[0].role', { model, input: [{ role: 'alien', content: 'x' }] }],
  ['/v1/responses', 'input[0].type', { model, input: [{ type: 'web_search_call', id: 'x' }] }],
  ['/v1/responses', 'tools[0].type', { model, input: 'x', tools: [{ type: 'web_search' }] }],
  ['/v1/responses', 'background', { model, input: 'x', background: true }],
  ['/v1/responses', 'prompt', { model, input: 'x', prompt: { id: 'pmpt_1' } }],
])('%s says that %s is wrong, before a model is asked', async (path, param, body) => {
  const { status, json } = await ask(path, body);
  expect({ status, error: json.error }).toEqual({
    status: 400,
    error: { message: expect.any(String), type: 'invalid_request_error', param, code: 'invalid_request' },
  });
  expect(door.upstream.requests).toHaveLength(0);
});

it.each([
  ['GET', CHAT, 405],
  ['DELETE', '/v1/models/x', 405],
  ['GET', '/v1/engines', 404],
  ['POST', '/v1/moderations', 404],
  ['POST', '/v1/conversations', 404],
  ['GET', '/v1/responses/resp_1', 404],
  ['GET', '/v1/models/openai%2Fgpt-5-mini', 200],
  ['GET', '/v1/models/openai/gpt-5-mini', 200],
])('%s %s is %i, in OpenAI’s shape', async (method, path, status) => {
  const reply = await about(method, path);
  expect(reply.status).toBe(status);
  if (status !== 200)
    expect(Object.keys(reply.json.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
});

it('HEAD is answered as GET without a body, OPTIONS without a key', async () => {
  const head = await about('HEAD', '/v1/models');
  expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: '' });
  const options = await call(door.gateway, 'OPTIONS', CHAT);
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'OPTIONS, POST']);
});

it('bodies may be compressed, and are small when inflated', async () => {
  const send = async (encoding: string, body: Buffer, type = 'application/json') => {
    const headers = {
      authorization: `Bearer ${door.apiKey}`,
      'content-type': type,
      'content-encoding': encoding,
    };
    const reply = await fetch(`${door.gateway.url}${CHAT}`, {
      method: 'POST',
      headers,
      body: Uint8Array.from(body),
    });
    return { status: reply.status, code: ((await reply.json()) as { error?: { code: string } }).error?.code };
  };
  const text = JSON.stringify({ model, messages });
  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)
    expect(await send(encoding, compress(text), 'Application/JSON; charset=utf-8'), encoding).toEqual({
      status: 200,
    });
  expect(door.upstream.requests).toHaveLength(3);
  expect(await send('gzip', Buffer.from(text))).toEqual({ status: 400, code: 'invalid_request' });
  expect(await send('zstd', Buffer.from(text))).toEqual({ status: 415, code: 'unsupported_media_type' });
  const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024 + 1, ' '));
  expect(await send('gzip', bomb)).toEqual({ status: 413, code: 'payload_too_large' });
});

it('a stream with include_usage has usage in every chunk, null but in the last; the ids are one', async () => {
  door.play(toolCallReply('a', { x: 1 }));
  const body = { model, messages, tools: [tool], stream: true, stream_options: { include_usage: true } };
  const { text } = await ask(CHAT, body);
  const events = text.split('\n\n').filter(Boolean);
  expect(events.at(-1)).toBe('data: [DONE]');
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)));
  expect(chunks.map(({ usage }) => usage === null)).toEqual(chunks.map((_, at) => at < chunks.length - 1));
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 100 } });
  expect(new Set(chunks.map(({ id, object, created }) => `${id} ${object} ${created}`)).size).toBe(1);
  expect(chunks[0].choices[0].delta.role).toBe('assistant');
});

it.each([{}, { prompt_tokens_details: null }, { prompt_tokens_details: { audio_tokens: 1 } }])(
  'a reply is what /openapi.json says, whatever of usage its provider leaves out: %j',
  async (details) => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, ...details };
    door.play(completionReply({ content: 'ok' }, { usage }));
    const { json } = await ask(CHAT, { model, messages });
    expect(ChatCompletion.safeParse(json).error).toBeUndefined();
  },
);

it('a response has every field of its resource', async () => {
  const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }] }];
  const tools = [{ type: 'function', name: 'a', parameters: { type: 'object' } }];
  const { json } = await ask('/v1/responses', {
    model,
    input,
    tools,
    text: { verbosity: 'low' },
    truncation: 'disabled',
    max_tool_calls: 2,
  });
  expect(door.upstream.requests[0]?.body.verbosity).toBe('low');
  expect(json).toEqual({
    id: expect.stringMatching(/^resp_/),
    object: 'response',
    created_at: expect.any(Number),
    completed_at: expect.any(Number),
    status: 'completed',
    incomplete_details: null,
    model,
    previous_response_id: null,
    instructions: null,
    output: [
      {
        id: expect.stringMatching(/^msg_/),
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'ok', annotations: [], logprobs: [] }],
      },
    ],
    error: null,
    tools: [{ ...tools[0], description: null, strict: null }],
    tool_choice: 'auto',
    truncation: 'disabled',
    parallel_tool_calls: true,
    text: { format: { type: 'text' }, verbosity: 'low' },
    top_p: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    top_logprobs: 0,
    temperature: 1,
    reasoning: { effort: null, summary: null },
    usage: {
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: 3,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 12,
    },
    max_output_tokens: null,
    max_tool_calls: 2,
    store: true,
    background: false,
    service_tier: 'default',
    metadata: {},
    safety_identifier: null,
    prompt_cache_key: null,
  });
});

it('a response that the token limit cut is incomplete, and so is its message', async () => {
  const half = chunkOf({ delta: { content: 'half' } });
  door.play(streamReply([half, chunkOf({ delta: {}, finish_reason: 'length' }), 'data: [DONE]\n\n']));
  const { text } = await ask('/v1/responses', { model, input: 'x', stream: true });
  const events = text
    .split('\n\n')
    .filter(Boolean)
    .map((event) => JSON.parse(event.split('\ndata: ')[1] ?? ''));
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
  expect(events.at(-1)).toMatchObject({
    type: 'response.incomplete',
    response: {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete', content: [{ text: 'half' }] }],
      completed_at: null,
    },
  });
  door.play(textReply('ok'));
});

it.each([
  ['truncation', { truncation: 'auto' }, 'must be "disabled" or left out'],
  ['previous_response_id', { previous_response_id: 'resp_1' }, 'send the whole input each time'],
  ['conversation', { conversation: 'conv_1' }, 'send the whole input each time'],
  ['background', { background: true }, 'take its stream'],
  ['prompt', { prompt: { id: 'p' } }, 'are rendered by /v1/prompts'],
  ['tools[0].type', { tools: [{ type: 'web_search' }] }, 'tools that OpenAI itself runs are not to be had'],
  [
    'input[0].content[0].file_url',
    { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://example.com/a.pdf' }] }] },
    'files are not fetched',
  ],
  [
    'input[0].content[0].image_url',
    { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file_1' }] }] },
    'must be the image or its address',
  ],
])('what no response can do here is refused in words: %s', async (param, more, said) => {
  const { status, json } = await ask('/v1/responses', { model, input: 'x', ...more });
  expect({ status, param: json.error.param }).toEqual({ status: 400, param });
  expect(json.error.message).toContain(said);
});
