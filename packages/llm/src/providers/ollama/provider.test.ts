import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ChatEvent, ChatRequest, Provider } from '../../contract.ts';
import { type ModelServer, startModelServer } from '../../testing/model-server.ts';
import { ollamaWire } from '../../testing/ollama-wire.ts';
import { jsonReply, type Reply } from '../../testing/reply.ts';
import { streamed } from '../../testing/wire.ts';
import { createOllama } from './provider.ts';

const never = new AbortController().signal;
const OK = streamed(ollamaWire, { text: ['x'], finish: 'stop' });
let server: ModelServer;
let provider: Provider;
beforeAll(async () => {
  server = await startModelServer();
  provider = createOllama({
    name: 'ollama',
    base_url: server.origin,
    keep_alive: '10m',
    connect_timeout_ms: 60_000,
  });
});
afterAll(async () => {
  provider.close();
  await server.close();
});
beforeEach(() => {
  server.requests.length = 0;
});

async function ask(request: Partial<ChatRequest> = {}, model = 'qwen3', reply: Reply = OK) {
  server.script([{ when: () => true, replies: [reply] }]);
  const events: ChatEvent[] = [];
  const messages = [{ role: 'user' as const, content: 'hello' }];
  for await (const event of provider.chat(model, { messages, ...request }, never)) events.push(event);
  return { events, body: server.requests.at(-1)?.body };
}

const look = { name: 'look', description: 'looks', parameters: { type: 'object' } };

test('a request in every part of it, as Ollama’s own API wants it', async () => {
  const { body } = await ask({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'what is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        reasoning: [{ text: 'hm' }],
        tool_calls: [{ id: 'a', name: 'look', arguments: '{"n":1}' }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'a cat' },
    ],
    tools: [look, { ...look, name: 'see' }],
    tool_choice: { name: 'look' },
    reasoning_effort: 'high',
    temperature: 0,
    max_tokens: 50,
    seed: 7,
    stop: ['END'],
  });
  expect(body).toEqual({
    model: 'qwen3',
    messages: [
      { role: 'user', content: 'what is this?', images: ['AAAA'] },
      {
        role: 'assistant',
        content: '',
        thinking: 'hm',
        tool_calls: [{ id: 'a', function: { name: 'look', arguments: { n: 1 } } }],
      },
      { role: 'tool', content: 'a cat', tool_call_id: 'a', tool_name: 'look' },
    ],
    stream: true,
    tools: [{ type: 'function', function: look }],
    think: true,
    options: { temperature: 0, num_predict: 50, seed: 7, stop: ['END'] },
    keep_alive: '10m',
  });
});

test('a format is native to it except beside tools, whose calls its grammar would not let through', async () => {
  const schema = { type: 'object', properties: { n: { type: 'integer' } } };
  expect((await ask({ output: { name: 'x', schema } })).body).toMatchObject({ format: schema });
  expect(provider.native_output('qwen3', {})).toBe(true);
  expect(provider.native_output('qwen3', { tools: [look] })).toBe(false);
  expect(provider.native_output('qwen3', { tools: [look], tool_choice: 'none' })).toBe(true);
});

test.each([
  ['10m', '10m'],
  ['-1', -1],
  ['300', 300],
  [-1, -1],
])('a model is kept loaded for %s', async (keep_alive, sent) => {
  const keeping = createOllama({
    name: 'k',
    base_url: server.origin,
    keep_alive,
    connect_timeout_ms: 60_000,
  });
  server.script([{ when: () => true, replies: [OK] }]);
  const messages = [{ role: 'user' as const, content: 'hello' }];
  await Array.fromAsync(keeping.chat('qwen3', { messages }, never));
  keeping.close();
  expect(server.requests.at(-1)?.body.keep_alive).toBe(sent);
});

test('no tools are offered where none may be called; gpt-oss thinks at levels', async () => {
  expect((await ask({ tools: [look], tool_choice: 'none' })).body).not.toHaveProperty('tools');
  expect((await ask({ reasoning_effort: 'low' }, 'gpt-oss:20b')).body?.think).toBe('low');
  expect((await ask({ reasoning_effort: 'max' }, 'gpt-oss:20b')).body?.think).toBe('high');
  expect((await ask({ reasoning_effort: 'none' })).body?.think).toBe(false);
});

test('a prompt beyond the context that Ollama takes by itself asks for room, so that none of it is cut', async () => {
  const options = async (length: number) =>
    (await ask({ messages: [{ role: 'user', content: 'x'.repeat(length) }] }, 'roomy')).body?.options;
  expect(await options(3_000)).toEqual({});
  expect(await options(40_000)).toEqual({ num_ctx: 16_384 });
  // A smaller one keeps it: less would load the model anew.
  expect(await options(3_000)).toEqual({ num_ctx: 16_384 });
});

test('what a budget affords limits the answer, and asks for no more room', async () => {
  const { body } = await ask({ max_tokens: 8192, budgeted: true }, 'other');
  expect(body?.options).toEqual({ num_predict: 8192 });
});

test('an image that is not in the request is refused: nothing is fetched for a caller', async () => {
  const content = [{ type: 'image_url' as const, image_url: { url: 'http://169.254.169.254/x.png' } }];
  await expect(ask({ messages: [{ role: 'user', content }] })).rejects.toMatchObject({ kind: 'bad_request' });
});

test('a reply whose prompt count is missing has no usage', async () => {
  const line = {
    message: { role: 'assistant', content: 'x' },
    done: true,
    done_reason: 'stop',
    eval_count: 3,
  };
  expect((await ask({}, 'qwen3', jsonReply(line))).events).toEqual([
    { type: 'text', text: 'x' },
    { type: 'finish', reason: 'stop' },
  ]);
});

test('embeddings: too long a text is an error, not cut; a missing vector too', async () => {
  const embed = async (reply: Reply) => {
    server.script([{ when: () => true, replies: [reply] }]);
    return await provider.embed('nomic', { input: ['a', 'b'], dimensions: 2 }, never);
  };
  const embeddings = [
    [1, 1],
    [2, 2],
  ];
  expect(await embed(jsonReply({ embeddings, prompt_eval_count: 4 }))).toMatchObject({
    vectors: embeddings,
    usage: { input_tokens: 4 },
  });
  expect(server.requests[0]).toMatchObject({
    path: '/api/embed',
    body: { model: 'nomic', input: ['a', 'b'], dimensions: 2, truncate: false, keep_alive: '10m' },
  });
  await expect(embed(jsonReply({ embeddings: [[1]] }))).rejects.toMatchObject({ kind: 'bad_reply' });
  const tooLong = ollamaWire.error(400, 'the input length exceeds the context length');
  await expect(embed(tooLong)).rejects.toMatchObject({ kind: 'context_overflow' });
});
