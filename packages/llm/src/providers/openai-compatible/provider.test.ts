import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ChatEvent, ChatRequest, Provider } from '../../contract.ts';
import { type ModelServer, startModelServer } from '../../testing/model-server.ts';
import { chunkOf, streamReply } from '../../testing/openai-replies.ts';
import { openaiWire } from '../../testing/openai-wire.ts';
import { jsonReply, type Reply } from '../../testing/reply.ts';
import { streamed } from '../../testing/wire.ts';
import { providerOf } from '../../testing/wires.ts';
import { toParams } from './messages.ts';

const never = new AbortController().signal;
let server: ModelServer;
let provider: Provider;
beforeAll(async () => {
  server = await startModelServer();
  provider = providerOf('openai', server.origin);
});
afterAll(async () => {
  provider.close();
  await server.close();
});
beforeEach(() => {
  server.requests.length = 0;
});

async function ask(reply: Reply, request: Partial<ChatRequest> = {}): Promise<ChatEvent[]> {
  server.script([{ when: () => true, replies: [reply] }]);
  const events: ChatEvent[] = [];
  const messages = [{ role: 'user' as const, content: 'hello' }];
  for await (const event of provider.chat('m', { messages, ...request }, never)) events.push(event);
  return events;
}

test('a request in every part of it, as OpenAI’s API wants it', async () => {
  const image = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } };
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  };
  await ask(streamed(openaiWire, { text: ['x'], finish: 'stop' }), {
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: [{ type: 'text', text: 'what is this?' }, image] },
      { role: 'assistant', content: null, tool_calls: [{ id: 'a', name: 'look', arguments: '{}' }] },
      { role: 'tool', tool_call_id: 'a', content: 'a cat' },
    ],
    tools: [{ name: 'look', description: 'looks', parameters: { type: 'object' }, strict: true }],
    tool_choice: { name: 'look' },
    parallel_tool_calls: false,
    output: { name: 'place', description: 'where', schema, strict: true },
    temperature: 0,
    top_p: 0.5,
    max_tokens: 100,
    stop: ['END'],
    seed: 7,
    reasoning_effort: 'low',
    extra: { user: 'u1', stream: false, new_field: [1] },
  });
  expect(server.requests[0]?.body).toEqual({
    model: 'm',
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: [{ type: 'text', text: 'what is this?' }, image] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'a cat' },
    ],
    tools: [
      {
        type: 'function',
        function: { name: 'look', description: 'looks', parameters: { type: 'object' }, strict: true },
      },
    ],
    tool_choice: { type: 'function', function: { name: 'look' } },
    parallel_tool_calls: false,
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'place', description: 'where', schema, strict: true },
    },
    temperature: 0,
    top_p: 0.5,
    max_tokens: 100,
    stop: ['END'],
    seed: 7,
    reasoning_effort: 'low',
    user: 'u1',
    new_field: [1],
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('OpenAI itself gets the limit under its new name, and no other beside it', () => {
  const extra = { max_tokens: 99, max_completion_tokens: 99 };
  const params = toParams('gpt-5', { messages: [], max_tokens: 9, extra }, 'max_completion_tokens');
  expect(params).toMatchObject({ max_completion_tokens: 9 });
  expect(params).not.toHaveProperty('max_tokens');
});

const piece = (call: object) => chunkOf({ delta: { tool_calls: [call] } });
const finish = chunkOf({ delta: {}, finish_reason: 'stop' });

test.each<[string, string[], object[]]>([
  [
    'the same index for parallel calls',
    [
      piece({ index: 0, id: 'a', function: { name: 'one', arguments: '{"n":1}' } }),
      piece({ index: 0, id: 'b', function: { name: 'two', arguments: '{"n":2}' } }),
    ],
    [
      { id: 'a', name: 'one', arguments: '{"n":1}' },
      { id: 'b', name: 'two', arguments: '{"n":2}' },
    ],
  ],
  [
    'pieces of two calls in turns',
    [
      piece({ index: 0, id: 'a', function: { name: 'one', arguments: '{"n"' } }),
      piece({ index: 1, id: 'b', function: { name: 'two', arguments: '' } }),
      piece({ index: 0, function: { arguments: ':1}' } }),
    ],
    [
      { id: 'a', name: 'one', arguments: '{"n":1}' },
      { id: 'b', name: 'two', arguments: '{}' },
    ],
  ],
  [
    'arguments that were encoded twice',
    [piece({ index: 0, id: 'a', function: { name: 'one', arguments: '"{\\"n\\":1}"' } })],
    [{ id: 'a', name: 'one', arguments: '{"n":1}' }],
  ],
])('tool calls: %s', async (_name, pieces, calls) => {
  const events = await ask(streamReply([...pieces, finish, 'data: [DONE]\n\n']));
  expect(events.flatMap((event) => (event.type === 'tool_call' ? [event.call] : []))).toEqual(calls);
  expect(events.at(-1)).toEqual({ type: 'finish', reason: 'tool_calls' });
});

test('a call that the token limit cut in two is left out of a reply that says `length`', async () => {
  const cut = piece({ index: 0, id: 'a', function: { name: 'one', arguments: '{"n":' } });
  const end = chunkOf({ delta: {}, finish_reason: 'length' });
  expect(await ask(streamReply([cut, end]))).toEqual([{ type: 'finish', reason: 'length' }]);
});

test('logprobs and refusals come through; a server’s own finish reason is an end like another', async () => {
  const logprobs = { content: [{ token: 'x', logprob: -0.1, bytes: [120], top_logprobs: [] }] };
  expect(
    await ask(
      streamReply([
        ': OPENROUTER PROCESSING\n\n',
        chunkOf({ delta: { content: 'x' }, logprobs }),
        chunkOf({ delta: {}, finish_reason: 'eos' }),
      ]),
    ),
  ).toEqual([
    { type: 'text', text: 'x', logprobs },
    { type: 'finish', reason: 'stop' },
  ]);
  expect(await ask(streamReply([chunkOf({ delta: { refusal: 'no' }, finish_reason: 'stop' })]))).toEqual([
    { type: 'refusal', text: 'no' },
    { type: 'finish', reason: 'stop' },
  ]);
});

test('content that comes in parts is text and reasoning, streamed and whole', async () => {
  const thinking = [{ type: 'text', text: 'hmm' }];
  const content = [{ type: 'thinking', thinking }, { type: 'text', text: 'yes' }, { type: 'reference' }];
  const said = [
    { type: 'reasoning', text: 'hmm' },
    { type: 'text', text: 'yes' },
    { type: 'finish', reason: 'stop' },
  ];
  expect(await ask(streamReply([chunkOf({ delta: { content } }), finish]))).toEqual(said);
  const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' };
  expect(await ask(jsonReply({ choices: [choice] }), { stream: false })).toEqual(said);
});

test('an error that OpenRouter puts into a stream or a whole reply has the kind that its code says', async () => {
  const error = { error: { code: 429, message: 'slow down' } };
  await expect(ask(streamReply([`data: ${JSON.stringify(error)}\n\n`]))).rejects.toMatchObject({
    kind: 'rate_limited',
  });
  await expect(ask(jsonReply(error), { stream: false })).rejects.toMatchObject({
    kind: 'rate_limited',
  });
});

test('a key in a provider’s text is told to nobody', async () => {
  const reply = openaiWire.error(400, 'the header Bearer sk-proj-AbC123456789 is odd');
  await expect(ask(reply)).rejects.toMatchObject({
    message: expect.not.stringContaining('AbC123456789'),
  });
});

test('embeddings come in the order of the texts; one that is missing is an error', async () => {
  const data = [
    { index: 1, embedding: [2, 2] },
    { index: 0, embedding: [1, 1] },
  ];
  const embed = async (items: object[]) => {
    const reply = jsonReply({ object: 'list', data: items, usage: { prompt_tokens: 4, total_tokens: 4 } });
    server.script([{ when: () => true, replies: [reply] }]);
    return await provider.embed('e', { input: ['one', 'two'], dimensions: 2 }, never);
  };
  expect(await embed(data)).toMatchObject({
    vectors: [
      [1, 1],
      [2, 2],
    ],
    usage: { input_tokens: 4 },
  });
  expect(server.requests[0]?.body).toMatchObject({ input: ['one', 'two'], dimensions: 2 });
  await expect(embed(data.slice(1))).rejects.toMatchObject({ kind: 'bad_reply' });
});
