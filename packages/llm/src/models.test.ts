import { type ModelCall, PlanyardError } from '@planyard/contracts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DEFAULT_TIMEOUTS, type Timeouts } from './config/timeouts.ts';
import type { ChatEvent, ChatRequest } from './contract.ts';
import { createLlmMetrics } from './metrics.ts';
import { ModelError } from './model-error.ts';
import { createModels, type Models } from './models.ts';
import { chatDemand } from './policies/demand.ts';
import { createOpenAiCompatible } from './providers/openai-compatible/provider.ts';
import { modelSettings } from './settings.ts';
import {
  errorReply,
  type ModelServer,
  piecesReply,
  type Reply,
  splitBytes,
  startModelServer,
  streamReply,
  textReply,
  toolCallReply,
  WIRES,
} from './testing/index.ts';
import { OUTPUT_TEXTS } from './testing/output-texts.ts';

let server: ModelServer;
let models: Models;
let registry: Registry;
let calls: ModelCall[];

beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  calls = [];
  setUp();
});

function setUp(more: { url?: string; timeouts?: Partial<Timeouts>; minCalls?: number } = {}) {
  registry = new Registry();
  const settings = modelSettings({
    providers: [
      createOpenAiCompatible({
        name: 'openai',
        base_url: more.url ?? server.url,
        api_key: 'sk-secret',
        connect_timeout_ms: 60_000,
      }),
    ],
    timeouts: { ...DEFAULT_TIMEOUTS, ...more.timeouts },
    retries: { max_tries: 3, base_ms: 1, cap_ms: 5, max_wait_ms: 2000 },
    breaker: { error_percent: 50, min_calls: more.minCalls ?? 100, window_ms: 60_000, reset_ms: 60_000 },
  });
  models = createModels({
    settings: () => settings,
    metrics: createLlmMetrics(registry),
    redis: null,
    cache: null,
    tracer: null,
    redact: (text) => text,
    texts: OUTPUT_TEXTS,
    log: { info: () => undefined, warn: () => undefined },
    random: () => 0.5,
  });
}

function script(...replies: Reply[]) {
  server.script([{ when: /./, replies }]);
}

async function ask(
  options: { signal?: AbortSignal; model?: string; request?: Partial<ChatRequest> } = {},
): Promise<ChatEvent[]> {
  const stream = models.chat({
    model: options.model ?? 'openai/gpt-5-mini',
    caller: null,
    request: { messages: [{ role: 'user', content: 'hello' }], ...options.request },
    purpose: 'plan',
    agent: 'ops',
    request_id: 'req-1',
    prompt: 'plan@1',
    signal: options.signal ?? new AbortController().signal,
    deadline_at: null,
    onCall: (call) => {
      calls.push(call);
    },
  });
  const events: ChatEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

const textOf = (events: ChatEvent[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');

async function failure(asked: Promise<unknown>): Promise<ModelError> {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ModelError);
  return error as ModelError;
}

test.each([1, 2, 3, 7, 64, 100_000])(
  'a reply split every %i bytes arrives whole, with usage and cost',
  async (size) => {
    script(splitBytes(textReply('Grüße, "quoted" 🚀\nline', { chunk: 4 }), size));
    const events = await ask();
    expect(textOf(events)).toBe('Grüße, "quoted" 🚀\nline');
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'stop' });
    expect(calls).toMatchObject([
      {
        provider: 'openai',
        model: 'gpt-5-mini',
        status: 'ok',
        usage: { input_tokens: 100, output_tokens: 20 },
        cost_usd: 0.000065,
        prompt: 'plan@1',
      },
    ]);
  },
);

test('a tool call that comes in pieces is passed on whole', async () => {
  script(splitBytes(toolCallReply('replan', { reason: 'nothing found' }), 5));
  const events = await ask({
    request: { tools: [{ name: 'replan', description: 'x', parameters: { type: 'object' } }] },
  });
  expect(events.find((event) => event.type === 'tool_call')).toEqual({
    type: 'tool_call',
    call: { id: 'call_1', name: 'replan', arguments: '{"reason":"nothing found"}' },
  });
  expect(events.at(-1)).toEqual({ type: 'finish', reason: 'tool_calls' });
  expect(server.requests[0]?.body.tools).toHaveLength(1);
});

test('a 429 is retried after the time it names, and each try is recorded', async () => {
  script(errorReply(429, 'slow down', { headers: { 'retry-after': '1' } }), textReply('ok'));
  expect(textOf(await ask())).toBe('ok');
  const [first, second] = server.requests;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
  expect(calls.map((call) => call.status)).toEqual(['error', 'ok']);
});

test('a wait longer than we would take is an error at once', async () => {
  script(errorReply(429, 'slow down', { headers: { 'retry-after': '3600' } }));
  expect(await failure(ask())).toMatchObject({
    kind: 'rate_limited',
    code: 'model_failed',
    retryAfter: 3600,
  });
  expect(server.requests).toHaveLength(1);
});

test.each([
  ['500', errorReply(500, 'oops'), 'server', 3],
  ['400', errorReply(400, 'bad temperature'), 'bad_request', 1],
  ['401', errorReply(401, 'Incorrect API key provided: sk-secret'), 'auth', 1],
  ['429 of a used-up account', errorReply(429, 'quota', { code: 'insufficient_quota' }), 'quota', 1],
  [
    'too long a context',
    errorReply(400, 'too long', { code: 'context_length_exceeded' }),
    'context_overflow',
    1,
  ],
  ['a stream cut before its first token', streamReply(['cut']), 'connection', 3],
  ['an empty stream', streamReply(['data: [DONE]\n\n']), 'bad_reply', 3],
  ['broken JSON', streamReply(['data: {"choi\n\n']), 'bad_reply', 3],
  ['an error inside the stream', streamReply(['data: {"error":{"message":"overloaded"}}\n\n']), 'server', 3],
  [
    'a page of HTML',
    { status: 200, headers: { 'content-type': 'text/html' }, pieces: ['<html>'] },
    'bad_reply',
    3,
  ],
] as const)('%s → its kind, after as many tries as help', async (_name, reply, kind, tries) => {
  script(reply as Reply);
  const error = await failure(ask());
  expect(error.kind).toBe(kind);
  expect(JSON.stringify(error.toBody())).not.toContain('sk-secret');
  expect(server.requests).toHaveLength(tries);
});

test('a stream cut after its first token is an error and not asked for again', async () => {
  script(piecesReply(['half an ', 'cut']), textReply('whole'));
  expect(await failure(ask())).toMatchObject({ kind: 'connection' });
  expect(server.requests).toHaveLength(1);
});

test('tool arguments that are not JSON are a bad reply', async () => {
  const reply = toolCallReply('replan', { reason: 'x' });
  script({ ...reply, pieces: reply.pieces.filter((_, index) => index !== 1) });
  expect(await failure(ask())).toMatchObject({ kind: 'bad_reply' });
});

test('a stall before the first token and one between tokens are timeouts', async () => {
  setUp({ timeouts: { first_token_ms: 100 } });
  script(streamReply(['stall']));
  expect(await failure(ask())).toMatchObject({ kind: 'timeout', code: 'timeout' });
  expect(server.requests).toHaveLength(3);
  setUp({ timeouts: { between_tokens_ms: 100 } });
  script(piecesReply(['one ', 'stall']));
  expect(await failure(ask())).toMatchObject({ kind: 'timeout' });
});

test('a caller who leaves cancels the upstream request', async () => {
  const controller = new AbortController();
  script(piecesReply(['one ', 'stall']));
  const asked = failure(ask({ signal: controller.signal }));
  await expect.poll(() => server.requests.length).toBe(1);
  controller.abort();
  expect(await asked).toMatchObject({ kind: 'cancelled', code: 'aborted' });
  expect(await server.requests[0]?.aborted).toBe(true);
  expect(calls).toMatchObject([{ status: 'cancelled' }]);
});

test('a refused connection is unavailable', async () => {
  setUp({ url: 'http://127.0.0.1:1/v1' });
  expect(await failure(ask())).toMatchObject({ kind: 'connection', code: 'model_unavailable' });
});

test('the breaker opens on failures, refuses without asking, and ignores callers’ mistakes', async () => {
  setUp({ minCalls: 3 });
  script(errorReply(400, 'your fault'));
  for (let call = 0; call < 4; call += 1) await failure(ask());
  expect(models.breakerStates()).toEqual({ 'openai/gpt-5-mini': 'closed' });
  setUp({ minCalls: 3 });
  script(errorReply(500, 'our fault'));
  await failure(ask());
  server.requests.length = 0;
  expect(await failure(ask())).toMatchObject({ kind: 'breaker_open', code: 'model_unavailable' });
  expect(server.requests).toHaveLength(0);
  expect(models.breakerStates()).toEqual({ 'openai/gpt-5-mini': 'open' });
});

test('a request that is refused before a model is asked is its caller’s mistake: once, and past the breaker', async () => {
  setUp({ minCalls: 1 });
  const errors = [{ path: 'n', message: 'must be 1' }];
  const refused = models.stream<never>({
    model: 'openai/gpt-5-mini',
    caller: null,
    streaming: true,
    demand: chatDemand({}, () => ({ messages: [] })),
    open: () => {
      throw new PlanyardError('invalid_request', 'n: one choice at a time', { errors });
    },
    meter: { usage: () => null, text: () => '', ends: () => false, told: () => [] },
    input: () => null,
    purpose: 'chat',
    agent: null,
    request_id: 'req-1',
    prompt: null,
    signal: new AbortController().signal,
    deadline_at: null,
    onCall: (call) => void calls.push(call),
  });
  const error = await failure(Array.fromAsync(refused));
  expect(error).toMatchObject({ kind: 'bad_request', message: 'n: one choice at a time', errors });
  expect(calls).toHaveLength(1);
  expect(models.breakerStates()).toEqual({ 'openai/gpt-5-mini': 'closed' });
});

test('metrics count calls, tokens, cost and errors by model and agent', async () => {
  script(errorReply(500, 'oops'), textReply('ok'));
  await ask();
  const text = await registry.metrics();
  const labels = 'provider="openai",model="gpt-5-mini",agent="ops"';
  expect(text).toContain(`llm_requests_total{${labels},status="ok"} 1`);
  expect(text).toContain(`llm_requests_total{${labels},status="error"} 1`);
  expect(text).toContain(`llm_tokens_input_total{${labels}} 100`);
  expect(text).toContain(`llm_tokens_output_total{${labels}} 20`);
  expect(text).toContain(`llm_errors_total{${labels},error_type="server"} 1`);
  expect(text).toContain(`llm_active_requests{${labels}} 0`);
  expect(text).toMatch(/llm_time_to_first_token_seconds_bucket\{le="60",/);
  // A whole reply has no first token.
  script(WIRES.openai.whole({ text: ['ok'], finish: 'stop' }));
  await ask({ request: { stream: false } });
  expect(await registry.metrics()).toContain(`llm_time_to_first_token_seconds_count{${labels}} 1`);
});

test('a reply without usage is counted here and marked, and a model without a price is flagged', async () => {
  script(textReply('The load of db-01 was high.', { usage: null }));
  await ask();
  expect(calls).toMatchObject([
    { status: 'ok', usage: { input_tokens: 5, output_tokens: 9, estimated: true }, cost_usd: 0.00001925 },
  ]);
  expect(await registry.metrics()).toMatch(/llm_estimated_usage_total\{.*\} 1/);
  expect(await registry.metrics()).not.toMatch(/llm_unpriced_requests_total\{.*\} 1/);
  await ask({ model: 'openai/unheard-of' });
  expect(calls[1]).toMatchObject({ status: 'ok', cost_usd: null });
  expect(await registry.metrics()).toMatch(/llm_unpriced_requests_total\{.*model="unheard-of".*\} 1/);
});
