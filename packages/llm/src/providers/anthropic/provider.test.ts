import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ChatEvent, ChatRequest, Provider } from '../../contract.ts';
import { anthropicWire } from '../../testing/anthropic-wire.ts';
import { type ModelServer, startModelServer } from '../../testing/model-server.ts';
import type { Reply } from '../../testing/reply.ts';
import { piecesOf, streamed } from '../../testing/wire.ts';
import { providerOf, TEST_KEY } from '../../testing/wires.ts';

const never = new AbortController().signal;
const OK = streamed(anthropicWire, { text: ['x'], finish: 'stop' });
let server: ModelServer;
let provider: Provider;
beforeAll(async () => {
  server = await startModelServer();
  provider = providerOf('anthropic', server.origin);
});
afterAll(async () => {
  provider.close();
  await server.close();
});
beforeEach(() => {
  server.requests.length = 0;
});

async function ask(model: string, request: Partial<ChatRequest> = {}, reply: Reply = OK) {
  server.script([{ when: () => true, replies: [reply] }]);
  const events: ChatEvent[] = [];
  const messages = [{ role: 'user' as const, content: 'hello' }];
  for await (const event of provider.chat(model, { messages, ...request }, never)) events.push(event);
  return { events, seen: server.requests.at(-1) };
}

const cache_control = { type: 'ephemeral' };
const look = { name: 'look', description: 'looks', parameters: { properties: {} } };

test('a conversation with tools, images and reasoning, as Anthropic’s API wants it', async () => {
  const { seen } = await ask('claude-haiku-5-5', {
    messages: [
      { role: 'system', content: 'be brief' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'what are these?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'image_url', image_url: { url: 'https://example.com/b.png' } },
        ],
      },
      {
        role: 'assistant',
        content: '',
        reasoning: [
          { text: 'hm', signature: 'c2ln' },
          { text: '', redacted: 'ZW5j' },
          { text: 'of another provider' },
        ],
        tool_calls: [
          { id: 'a', name: 'look', arguments: '{"n":1}' },
          { id: 'b', name: 'look', arguments: '' },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'a cat' },
      { role: 'tool', tool_call_id: 'b', content: 'a dog' },
      { role: 'user', content: 'go on' },
    ],
    tools: [look, { ...look, name: 'see' }],
    tool_choice: 'required',
    parallel_tool_calls: false,
    max_tokens: 500,
    stop: ['END'],
  });
  expect(seen?.path).toBe('/v1/messages');
  expect(seen?.headers).toMatchObject({ authorization: `Bearer ${TEST_KEY}` });
  const tool = { description: 'looks', input_schema: { type: 'object', properties: {} } };
  expect(seen?.body).toEqual({
    model: 'claude-haiku-5-5',
    max_tokens: 500,
    system: [{ type: 'text', text: 'be brief', cache_control }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'what are these?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/b.png' } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
          { type: 'redacted_thinking', data: 'ZW5j' },
          { type: 'tool_use', id: 'a', name: 'look', input: { n: 1 } },
          { type: 'tool_use', id: 'b', name: 'look', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'a cat' },
          { type: 'tool_result', tool_use_id: 'b', content: 'a dog' },
          { type: 'text', text: 'go on' },
        ],
      },
    ],
    tools: [
      { name: 'look', ...tool },
      { name: 'see', ...tool },
    ],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    stop_sequences: ['END'],
    stream: true,
  });
});

test('of a system text in parts the first one, which the others follow, and the whole carry the mark of the cache', async () => {
  const content = ['stays', 'stays a while', 'changes'].map((text) => ({ type: 'text' as const, text }));
  const { seen } = await ask('claude-haiku-5-5', {
    messages: [
      { role: 'system', content },
      { role: 'user', content: 'hi' },
    ],
  });
  expect(seen?.body.system).toEqual([
    { type: 'text', text: 'stays', cache_control },
    { type: 'text', text: 'stays a while' },
    { type: 'text', text: 'changes', cache_control },
  ]);
});

test('without a system text the tools carry the mark of the cache', async () => {
  const { seen } = await ask('claude-haiku-5-5', { tools: [look, { ...look, name: 'see' }] });
  expect(seen?.body.tools).toMatchObject([
    expect.not.objectContaining({ cache_control }),
    { name: 'see', cache_control },
  ]);
});

test('sampling goes to the models that take it, in the API version that does', async () => {
  const older = await ask('claude-haiku-4-5', { temperature: 1.5, top_p: 0.9 });
  expect(older.seen?.body).toMatchObject({ temperature: 1 });
  expect(older.seen?.body).not.toHaveProperty('top_p');
  expect(older.seen?.headers['anthropic-version']).toBe('2023-06-01');
  const newer = await ask('claude-opus-4-8', { temperature: 0 });
  expect(newer.seen?.body).not.toHaveProperty('temperature');
  expect(newer.seen?.headers['anthropic-version']).toBe('2026-10-21');
});

test('reasoning is asked for in the form of the model’s generation', async () => {
  const high = { reasoning_effort: 'high' as const, max_tokens: 20_000, temperature: 0 };
  const bodyOf = async (model: string, more: Partial<ChatRequest> = {}) =>
    (await ask(model, { ...high, ...more })).seen?.body;
  expect(await bodyOf('claude-opus-4-6')).toMatchObject({
    thinking: { type: 'adaptive' },
    output_config: { effort: 'high' },
  });
  const budget = await bodyOf('claude-opus-4-5-20251101');
  expect(budget).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 10_000 } });
  expect(budget).not.toHaveProperty('temperature');
  const most = { reasoning_effort: 'xhigh' as const };
  expect(await bodyOf('claude-opus-4-6', most)).toMatchObject({ output_config: { effort: 'high' } });
  expect(await bodyOf('claude-opus-4-5-20251101', most)).toEqual(budget);
  const none = { reasoning_effort: 'none' as const };
  expect(await bodyOf('claude-opus-4-6', none)).not.toHaveProperty('thinking');
  expect(await bodyOf('claude-3-5-haiku-20241022')).not.toHaveProperty('thinking');
  expect(await bodyOf('claude-sonnet-5', { tools: [look], tool_choice: 'required' })).not.toHaveProperty(
    'thinking',
  );
});

test('JSON output is native where the model can, and its schema closed', async () => {
  expect(provider.native_output('claude-3-5-haiku-20241022', {})).toBe(false);
  expect(provider.native_output('claude-haiku-4-5', {})).toBe(true);
  const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 3 } }, required: ['n'] };
  const { seen } = await ask('claude-haiku-4-5', { output: { name: 'x', schema } });
  expect(seen?.body.output_config).toMatchObject({
    format: { type: 'json_schema', schema: { type: 'object', additionalProperties: false, required: ['n'] } },
  });
});

test('redacted reasoning is passed on; blocks and events that are not known are passed over', async () => {
  const line = (event: { type: string } & Record<string, unknown>) =>
    `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  const reply = piecesOf(anthropicWire, [
    line({ type: 'message_start', message: { usage: { input_tokens: 5, output_tokens: 1 } } }),
    line({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'redacted_thinking', data: 'ZW5j' },
    }),
    line({
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'server_tool_use', id: 's', name: 'web' },
    }),
    line({
      type: 'content_block_delta',
      index: 1,
      delta: { type: 'input_json_delta', partial_json: '{"q"' },
    }),
    line({ type: 'news_of_next_year' }),
    line({ type: 'message_delta', delta: { stop_reason: 'refusal' }, usage: { output_tokens: 8 } }),
    line({ type: 'message_stop' }),
  ]);
  expect((await ask('claude-haiku-5-5', {}, reply)).events).toMatchObject([
    { type: 'reasoning', text: '', redacted: 'ZW5j' },
    { type: 'usage', usage: { input_tokens: 5, output_tokens: 8 } },
    { type: 'finish', reason: 'content_filter' },
  ]);
});

test('a call of a tool in the conversation whose arguments are no object is the caller’s mistake', async () => {
  const messages = [
    { role: 'assistant' as const, content: null, tool_calls: [{ id: 'a', name: 'x', arguments: '[1' }] },
  ];
  await expect(ask('claude-haiku-5-5', { messages })).rejects.toMatchObject({ kind: 'bad_request' });
  expect(server.requests).toHaveLength(0);
});

test('it has no embeddings', async () => {
  await expect(provider.embed('x', { input: ['a'] }, never)).rejects.toMatchObject({ kind: 'bad_request' });
});
