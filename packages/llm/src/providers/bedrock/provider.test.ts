import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { ChatEvent, ChatRequest, Provider } from '../../contract.ts';
import { bedrockWire, exceptionFrame } from '../../testing/bedrock-wire.ts';
import { type ModelServer, startModelServer } from '../../testing/model-server.ts';
import { jsonReply, type Reply } from '../../testing/reply.ts';
import { piecesOf, streamed } from '../../testing/wire.ts';
import { providerOf } from '../../testing/wires.ts';
import { createBedrock } from './provider.ts';

const never = new AbortController().signal;
const OK = streamed(bedrockWire, { text: ['x'], finish: 'stop' });
const HAIKU = 'eu.anthropic.claude-haiku-4-5-20251001-v1:0';
const NOVA = 'eu.amazon.nova-lite-v1:0';
let server: ModelServer;
let provider: Provider;
beforeAll(async () => {
  server = await startModelServer();
  provider = providerOf('bedrock', server.origin);
});
afterAll(async () => {
  provider.close();
  await server.close();
});
beforeEach(() => {
  server.requests.length = 0;
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function ask(model: string, request: Partial<ChatRequest> = {}, reply: Reply = OK) {
  server.script([{ when: () => true, replies: [reply] }]);
  const events: ChatEvent[] = [];
  const messages = [{ role: 'user' as const, content: 'hello' }];
  for await (const event of provider.chat(model, { messages, ...request }, never)) events.push(event);
  return { events, seen: server.requests.at(-1) };
}

const look = { name: 'look', description: 'looks', parameters: { properties: {} } };
const called = [
  { role: 'user' as const, content: 'look' },
  {
    role: 'assistant' as const,
    content: null,
    reasoning: [{ text: 'hm', signature: 'c2ln' }, { text: '', redacted: 'ZW5j' }, { text: 'unsigned' }],
    tool_calls: [{ id: 'a', name: 'look', arguments: '{"n":1}' }],
  },
  { role: 'tool' as const, tool_call_id: 'a', content: 'a cat' },
];

test('a conversation with tools, images and reasoning, as Converse wants it', async () => {
  const { seen } = await ask(HAIKU, {
    messages: [
      { role: 'system', content: 'be brief' },
      ...called,
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/jpg;base64,AAAA' } }] },
    ],
    tools: [look],
    tool_choice: 'required',
    temperature: 0.2,
    top_p: 0.9,
    max_tokens: 500,
    stop: ['END'],
  });
  expect(seen?.path).toBe(`/model/${encodeURIComponent(HAIKU)}/converse-stream`);
  expect(seen?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIATEST\/\d+\/eu-west-1\/bedrock\//,
  );
  expect(seen?.body).toEqual({
    system: [{ text: 'be brief' }, { cachePoint: { type: 'default' } }],
    messages: [
      { role: 'user', content: [{ text: 'look' }] },
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'hm', signature: 'c2ln' } } },
          { reasoningContent: { redactedContent: 'ZW5j' } },
          { toolUse: { toolUseId: 'a', name: 'look', input: { n: 1 } } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'a', content: [{ text: 'a cat' }] } },
          { image: { format: 'jpeg', source: { bytes: 'AAAA' } } },
        ],
      },
    ],
    toolConfig: {
      tools: [
        {
          toolSpec: {
            name: 'look',
            description: 'looks',
            inputSchema: { json: { type: 'object', properties: {} } },
          },
        },
      ],
      toolChoice: { any: {} },
    },
    inferenceConfig: { maxTokens: 500, stopSequences: ['END'], temperature: 0.2 },
  });
});

test('of a system text in parts the first one, which the others follow, and the whole are points of the cache', async () => {
  const content = ['stays', 'changes'].map((text) => ({ type: 'text' as const, text }));
  const { seen } = await ask(HAIKU, {
    messages: [
      { role: 'system', content },
      { role: 'user', content: 'hi' },
    ],
  });
  const point = { cachePoint: { type: 'default' } };
  expect(seen?.body.system).toEqual([{ text: 'stays' }, point, { text: 'changes' }, point]);
});

test('each family of models gets its own fields', async () => {
  const bodyOf = async (model: string, request: Partial<ChatRequest>) =>
    (await ask(model, request)).seen?.body;
  const effort = { reasoning_effort: 'medium' as const };
  expect(await bodyOf(NOVA, { temperature: 0.2, top_p: 0.9, ...effort })).toMatchObject({
    inferenceConfig: { temperature: 0.2, topP: 0.9 },
  });
  expect(await bodyOf(HAIKU, effort)).toMatchObject({
    additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 8_192 } },
  });
  expect(await bodyOf('us.anthropic.claude-opus-4-8', { ...effort, temperature: 0 })).toMatchObject({
    inferenceConfig: { maxTokens: 32_000 },
    additionalModelRequestFields: { thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } },
  });
  expect(await bodyOf('us.amazon.nova-2-lite-v1:0', effort)).toMatchObject({
    additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } },
  });
  const none = { reasoning_effort: 'none' as const };
  expect(await bodyOf('us.amazon.nova-2-lite-v1:0', none)).not.toHaveProperty('additionalModelRequestFields');
});

test('JSON output is native for Claude 4.5 and later, and not for Nova', async () => {
  expect([provider.native_output(HAIKU, {}), provider.native_output(NOVA, {})]).toEqual([true, false]);
  const output = { name: 'x', schema: { type: 'object', properties: { n: { type: 'integer' } } } };
  const format = (await ask(HAIKU, { output })).seen?.body.outputConfig as Record<string, never>;
  expect(format).toMatchObject({
    textFormat: { type: 'json_schema', structure: { jsonSchema: { name: 'x' } } },
  });
  expect((await ask(NOVA, { output })).seen?.body).not.toHaveProperty('outputConfig');
});

test('a conversation with calls names its tools even where none may be called: Converse insists', async () => {
  for (const request of [{}, { tools: [look], tool_choice: 'none' as const }]) {
    const { seen } = await ask(NOVA, { messages: called, ...request });
    expect(seen?.body.toolConfig).toMatchObject({ tools: [{ toolSpec: { name: 'look' } }] });
    expect(seen?.body.toolConfig).not.toHaveProperty('toolChoice');
  }
});

test.each([
  ['throttlingException', 'rate_limited'],
  ['validationException', 'bad_request'],
  ['internalServerException', 'server'],
  ['serviceUnavailableException', 'server'],
  ['modelStreamErrorException', 'server'],
])('%s inside a stream is %s', async (type, kind) => {
  const pieces = [...bedrockWire.begin({ text: ['x'], finish: 'stop' }), exceptionFrame(type, 'it broke')];
  await expect(ask(NOVA, {}, piecesOf(bedrockWire, pieces))).rejects.toMatchObject({
    kind,
    message: expect.stringContaining('it broke'),
  });
});

test.each([
  [400, 'ValidationException', 'The provided model identifier is invalid.', 'model_not_found'],
  [400, 'ValidationException', 'Input is too long for requested model.', 'context_overflow'],
  [400, 'ServiceQuotaExceededException', 'quota', 'quota'],
  [408, 'ModelTimeoutException', 'slow', 'timeout'],
  [424, 'ModelErrorException', 'oops', 'server'],
  [429, 'ModelNotReadyException', 'warming up', 'server'],
  [403, 'UnrecognizedClientException', 'The security token is invalid', 'auth'],
])('%i %s "%s" is %s', async (status, code, message, kind) => {
  await expect(ask(NOVA, {}, bedrockWire.error(status, message, { code }))).rejects.toMatchObject({ kind });
});

test('without credentials the error says so, and asks nobody', async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
  const bare = createBedrock({
    name: 'bedrock',
    region: 'eu-west-1',
    endpoint: server.origin,
    connect_timeout_ms: 60_000,
  });
  await expect(bare.health(never)).rejects.toMatchObject({ kind: 'auth', code: 'model_refused' });
  bare.close();
});

test('Titan embeds one text a call; the vectors are in the order of the texts', async () => {
  server.script([
    {
      when: () => true,
      replies: ({ body }) => jsonReply({ embedding: [Number(body.inputText), 1], inputTextTokenCount: 2 }),
    },
  ]);
  const input = Array.from({ length: 20 }, (_, index) => String(index));
  const embedded = await provider.embed('amazon.titan-embed-text-v2:0', { input, dimensions: 256 }, never);
  expect(embedded.vectors.map(([first]) => first)).toEqual(input.map(Number));
  expect(embedded.usage?.input_tokens).toBe(40);
  expect(server.requests[0]).toMatchObject({
    path: '/model/amazon.titan-embed-text-v2%3A0/invoke',
    body: { inputText: '0', dimensions: 256 },
  });
  await expect(provider.embed(NOVA, { input }, never)).rejects.toMatchObject({ kind: 'bad_request' });
});
