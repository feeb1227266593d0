import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { ModelCall } from '@planyard/contracts';
import { Registry } from 'prom-client';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Timeouts } from './config/timeouts.ts';
import type { ChatRequest, Protocol, Provider, RawPiece } from './contract.ts';
import { createLlmMetrics } from './metrics.ts';
import { MODEL_ERROR_KINDS, ModelError, type ModelErrorKind } from './model-error.ts';
import { createModels } from './models.ts';
import { chatDemand } from './policies/demand.ts';
import { withFallback } from './policies/fallback.ts';
import type { Target } from './policies/targets.ts';
import { modelSettings } from './settings.ts';
import { type ModelServer, startModelServer } from './testing/model-server.ts';
import { type Piece, RESET, type Reply } from './testing/reply.ts';
import { piecesOf, type Said, streamed, type Wire } from './testing/wire.ts';
import { providerOf, TEST_KEY, WIRES } from './testing/wires.ts';

const SAID: Said = { text: ['half an ', 'answer'], finish: 'stop', usage: { input: 9, output: 3 } };
const CALLS = (args: string): Said => ({ calls: [{ id: 'a', name: 'x', args }], finish: 'tool_calls' });
const MANY: Said = {
  calls: Array.from({ length: 3 }, (_, index) => ({ id: `call_${index}`, name: 'x', args: '{}' })),
  finish: 'tool_calls',
};
/** No resolver is asked for a label this long: the answer is the same everywhere, and at once. */
const NO_HOST = `http://${'x'.repeat(64)}.invalid`;
const BIG = 200_000;
const END = '<end>';
const LONG: Timeouts = {
  connect_ms: 5_000,
  first_token_ms: 20_000,
  between_tokens_ms: 20_000,
  total_ms: 40_000,
};

/** What an upstream does, in replies of each protocol: streamed, and whole where that differs from it. */
interface Fault {
  /** The error's kind; null: the caller gets the answer. */
  kind: ModelErrorKind | null;
  tries: number;
  /** Whether the caller has part of the answer when the error comes. */
  heard?: boolean;
  stream?: (wire: Wire) => Reply[];
  whole?: (wire: Wire) => Reply[];
  /** Where the provider is, if not at the scripted server. */
  origin?: () => string;
  leaves?: boolean;
  /** Seen only where replies are read, not where they are passed on. */
  read_only?: boolean;
  /** All of them by default. */
  protocols?: Protocol[];
  timeouts?: Partial<Timeouts>;
}

const both = (reply: (wire: Wire) => Reply[]) => ({ stream: reply, whole: reply });
const error = (
  status: number,
  message: string,
  more: { code?: string; headers?: Record<string, string> } = {},
) => both((wire) => [wire.error(status, message, more)]);
const pieces = (make: (wire: Wire) => Piece[]) => ({ stream: (wire: Wire) => [piecesOf(wire, make(wire))] });
const wholePieces = (make: (wire: Wire) => Piece[]) => ({
  whole: (wire: Wire) => [{ ...wire.whole(SAID), pieces: make(wire) }],
});
const text = (wire: Wire) => (wire.whole(SAID).pieces[0] as string).slice(0, 40);
const rest = (wire: Wire) => (wire.whole(SAID).pieces[0] as string).slice(40);

function compressed({ status, headers, pieces: [piece] }: Reply): Reply {
  return { status, headers: { ...headers, 'content-encoding': 'gzip' }, pieces: [gzipSync(piece as string)] };
}

const FAULTS: Record<string, Fault> = {
  'connection refused': { kind: 'connection', tries: 3, origin: () => 'http://127.0.0.1:1' },
  'a host name that does not resolve': {
    kind: 'connection',
    tries: 3,
    origin: () => NO_HOST,
  },
  'a certificate that nobody signed': { kind: 'connection', tries: 1, origin: () => selfSigned },
  'no TLS where TLS is spoken': {
    kind: 'connection',
    tries: 1,
    origin: () => server.origin.replace('http:', 'https:'),
  },
  'reset before any answer': { kind: 'connection', tries: 3, ...both(() => [RESET]) },
  'reset before the first token': {
    kind: 'connection',
    tries: 3,
    ...pieces(() => ['reset']),
    ...wholePieces((wire) => [text(wire), 'reset']),
  },
  'reset after the first token': {
    kind: 'connection',
    tries: 1,
    heard: true,
    ...pieces((wire) => [...wire.begin(SAID), { wait_ms: 20 }, 'reset']),
  },
  'connection closed after the first token': {
    kind: 'connection',
    tries: 1,
    heard: true,
    ...pieces((wire) => [...wire.begin(SAID), { wait_ms: 20 }, 'cut']),
  },
  'stream ended before the first token': { kind: 'bad_reply', tries: 3, ...pieces(() => []) },
  'stream ended without its terminator': {
    kind: 'bad_reply',
    tries: 1,
    heard: true,
    ...pieces((wire) => wire.begin(SAID)),
  },
  'stall before the first token': {
    kind: 'timeout',
    tries: 3,
    timeouts: { first_token_ms: 60 },
    ...pieces(() => ['stall']),
  },
  'stall between two tokens': {
    kind: 'timeout',
    tries: 1,
    heard: true,
    timeouts: { between_tokens_ms: 60 },
    ...pieces((wire) => [...wire.begin(SAID), 'stall']),
  },
  'a whole reply that never comes': {
    kind: 'timeout',
    tries: 3,
    timeouts: { total_ms: 60 },
    ...wholePieces(() => ['stall']),
  },
  'a whole reply that takes longer than a first token may': {
    kind: null,
    tries: 1,
    timeouts: { first_token_ms: 60, between_tokens_ms: 60 },
    ...wholePieces((wire) => [text(wire), { wait_ms: 150 }, rest(wire)]),
  },
  'a tool call that takes longer than the next token may': {
    kind: null,
    tries: 1,
    read_only: true,
    // Ollama sends a call in one piece.
    protocols: ['openai', 'anthropic', 'bedrock'],
    timeouts: { first_token_ms: 300, between_tokens_ms: 300 },
    ...pieces((wire) =>
      [...wire.begin(MANY), ...wire.end(MANY)].flatMap((piece) => [piece, { wait_ms: 60 }]),
    ),
  },
  'slow drip within the limits': {
    kind: null,
    tries: 1,
    ...pieces((wire) =>
      [...wire.begin(SAID), ...wire.end(SAID)].flatMap((piece): Piece[] => [piece, { wait_ms: 5 }]),
    ),
  },
  'slow drip beyond the total time': {
    kind: 'timeout',
    tries: 1,
    heard: true,
    timeouts: { total_ms: 300 },
    ...pieces((wire) => {
      const drip: Said = { ...SAID, text: Array.from({ length: 40 }, () => 'drip ') };
      return wire.begin(drip).flatMap((piece): Piece[] => [piece, { wait_ms: 25 }]);
    }),
  },
  'status 429 with retry-after': {
    kind: null,
    tries: 2,
    stream: (wire) => [wire.error(429, 'slow', { headers: { 'retry-after': '0.05' } }), streamed(wire, SAID)],
    whole: (wire) => [wire.error(429, 'slow', { headers: { 'retry-after-ms': '50' } }), wire.whole(SAID)],
  },
  'status 429 without retry-after': { kind: 'rate_limited', tries: 3, ...error(429, 'slow down') },
  'status 429 with a longer retry-after than is waited': {
    kind: 'rate_limited',
    tries: 1,
    ...error(429, 'slow down', { headers: { 'retry-after': '3600' } }),
  },
  'status 500': { kind: 'server', tries: 3, ...error(500, 'oops') },
  'status 502 with a page of a proxy': {
    kind: 'server',
    tries: 3,
    ...both(() => [
      { status: 502, headers: { 'content-type': 'text/html' }, pieces: ['<html>Bad gateway</html>'] },
    ]),
  },
  'status 503': { kind: 'server', tries: 3, ...error(503, 'busy') },
  'status 529': { kind: 'server', tries: 3, ...error(529, 'overloaded') },
  'status 400': { kind: 'bad_request', tries: 1, ...error(400, 'temperature must be a number') },
  'status 400 for too long a context': {
    kind: 'context_overflow',
    tries: 1,
    ...error(400, 'prompt is too long: 210000 tokens > 200000 maximum'),
  },
  'status 401': { kind: 'auth', tries: 1, ...error(401, `incorrect key ${TEST_KEY}`) },
  'status 402': { kind: 'quota', tries: 1, ...error(402, 'the credit is used up') },
  'status 404': { kind: 'model_not_found', tries: 1, ...error(404, 'there is no such model') },
  'an error inside the stream, before the first token': {
    kind: 'server',
    tries: 3,
    ...pieces((wire) => [wire.errorInStream('it broke')]),
  },
  'an error inside the stream, after the first token': {
    kind: 'server',
    tries: 1,
    heard: true,
    ...pieces((wire) => [...wire.begin(SAID), wire.errorInStream('it broke')]),
  },
  'invalid JSON': {
    kind: 'bad_reply',
    tries: 3,
    ...pieces((wire) => [wire.garbled]),
    ...wholePieces((wire) => [text(wire)]),
  },
  'tool arguments that are not JSON': {
    kind: 'bad_reply',
    tries: 3,
    // A request with tools is never passed on unread.
    read_only: true,
    stream: (wire) => [streamed(wire, CALLS('{"broken'))],
    whole: (wire) => [wire.whole(CALLS('{"broken'))],
  },
  'empty reply': { kind: 'bad_reply', tries: 3, ...pieces(() => []), ...wholePieces(() => []) },
  'JSON that is no reply': {
    kind: 'bad_reply',
    tries: 3,
    ...wholePieces(() => ['{"hello":"world"}']),
  },
  'wrong content type': {
    kind: 'bad_reply',
    tries: 3,
    ...both(() => [
      { status: 200, headers: { 'content-type': 'text/html' }, pieces: ['<html>Log in</html>'] },
    ]),
  },
  'huge reply': {
    kind: 'bad_reply',
    tries: 1,
    stream: (wire) => [streamed(wire, { ...SAID, text: ['x'.repeat(BIG), 'x'.repeat(BIG)] })],
    whole: (wire) => [wire.whole({ ...SAID, text: ['x'.repeat(2 * BIG)] })],
  },
  'huge reply, compressed to little': {
    kind: 'bad_reply',
    tries: 1,
    // AWS's client and what passes replies on ask for nothing compressed.
    protocols: ['openai', 'anthropic', 'ollama'],
    read_only: true,
    ...both((wire) => [compressed(wire.whole({ ...SAID, text: ['x'.repeat(2 * BIG)] }))]),
  },
  'redirect to another host': {
    kind: 'bad_reply',
    tries: 1,
    ...both(() => [{ status: 307, headers: { location: `${elsewhere.origin}/v1` }, pieces: [] }]),
  },
  'usage missing': {
    kind: null,
    tries: 1,
    stream: (wire) => [streamed(wire, { ...SAID, usage: null })],
    whole: (wire) => [wire.whole({ ...SAID, usage: null })],
  },
  'the caller leaves': {
    kind: 'cancelled',
    tries: 1,
    leaves: true,
    ...pieces(() => ['stall']),
  },
};

let server: ModelServer;
let elsewhere: ModelServer;
let selfSigned: string;
const closing: (() => void | Promise<void>)[] = [];

beforeAll(async () => {
  server = await startModelServer();
  elsewhere = await startModelServer();
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }]);
  const https = createServer({ key, cert }, (_request, response) => response.end('never asked'));
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  selfSigned = `https://127.0.0.1:${(https.address() as AddressInfo).port}`;
  closing.push(
    () => server.close(),
    () => elsewhere.close(),
    () => void https.close(),
  );
});
afterAll(async () => {
  for (const close of closing) await close();
});

/** How a reply reaches the caller: read as our events, or, from servers of OpenAI's protocol, passed on byte for byte. */
interface Way {
  protocol: Protocol;
  stream: boolean;
  passed_on: boolean;
}

const WAYS = (Object.keys(WIRES) as Protocol[]).flatMap((protocol) =>
  [true, false].flatMap((stream): Way[] => [
    { protocol, stream, passed_on: false },
    ...(protocol === 'openai' ? [{ protocol, stream, passed_on: true }] : []),
  ]),
);

function isOf(fault: Fault, { protocol, stream, passed_on }: Way): boolean {
  if (fault.protocols && !fault.protocols.includes(protocol)) return false;
  if (passed_on && fault.read_only) return false;
  return Boolean(fault.origin ?? (stream ? fault.stream : fault.whole));
}

async function play({ protocol, stream, passed_on }: Way, fault: Fault) {
  const replies = (stream ? fault.stream : fault.whole)?.(WIRES[protocol]);
  if (replies) server.script([{ when: () => true, replies }]);
  server.requests.length = 0;
  const provider = providerOf(protocol, fault.origin?.() ?? server.origin, {
    connect_timeout_ms: LONG.connect_ms,
    max_reply_bytes: BIG,
  });
  const settings = modelSettings({
    providers: [provider],
    timeouts: { ...LONG, ...fault.timeouts },
    retries: { max_tries: 3, base_ms: 1, cap_ms: 2, max_wait_ms: 1000 },
    breaker: { error_percent: 99, min_calls: 100, window_ms: 60_000, reset_ms: 60_000 },
  });
  const models = createModels({
    settings: () => settings,
    metrics: createLlmMetrics(new Registry()),
    redis: null,
    cache: null,
    tracer: null,
    redact: (text) => text,
    log: { info: () => undefined, warn: () => undefined },
  });
  // What is loaded with the first call is none of the first token's time.
  if (!fault.origin) await provider.models(AbortSignal.timeout(5000));
  const leaving = new AbortController();
  const calls: ModelCall[] = [];
  const context = {
    model: `${protocol}/scripted`,
    caller: null,
    purpose: 'plan' as const,
    agent: null,
    request_id: 'req-1',
    prompt: null,
    signal: leaving.signal,
    deadline_at: null,
    onCall: (call: ModelCall) => void calls.push(call),
  };
  const request: ChatRequest = { messages: [{ role: 'user', content: 'hello' }], stream };
  let heard = '';
  const asked = (async () => {
    if (!passed_on) {
      for await (const event of models.chat({ ...context, request })) {
        if (event.type === 'text') heard += event.text;
        if (event.type === 'finish') heard += END;
      }
      return null;
    }
    const body = Buffer.from(JSON.stringify({ model: 'scripted', ...request }));
    const pieces = models.stream<RawPiece>({
      ...context,
      input: () => null,
      streaming: stream,
      demand: chatDemand({}, () => request),
      meter: {
        usage: (piece) => piece.usage,
        text: (all) => all.map(({ bytes }) => bytes.toString()).join(''),
        ends: () => false,
        told: (last) => [last],
      },
      open: (target, signal) =>
        (target.provider.passThrough as NonNullable<Provider['passThrough']>)(
          { body, max_tokens: null, answers: 1, streaming: stream, include_usage: true },
          signal,
        ),
    });
    for await (const { bytes } of pieces) heard += bytes.toString().replace('"finish_reason":"stop"', END);
    return null;
  })().catch((thrown: unknown) => thrown);
  if (fault.leaves) {
    await expect.poll(() => server.requests.length).toBe(1);
    leaving.abort();
  }
  const thrown = await asked;
  models.close();
  provider.close();
  return { thrown, heard, calls };
}

test.each(Object.keys(FAULTS))('%s', async (name) => {
  const fault = FAULTS[name] as Fault;
  for (const way of WAYS.filter((each) => isOf(fault, each))) {
    const { thrown, heard, calls } = await play(way, fault);
    const which = JSON.stringify(way);
    expect(thrown instanceof ModelError ? thrown.kind : thrown, which).toBe(fault.kind);
    expect(calls.length, which).toBe(fault.tries);
    expect(heard !== '', which).toBe(fault.kind === null || fault.heard === true);
    expect(heard.includes(END), which).toBe(fault.kind === null);
    const told = JSON.stringify([thrown, calls, (thrown as ModelError | null)?.stack]);
    expect(told, which).not.toContain(TEST_KEY);
  }
});

test('a redirect takes neither the key nor the question anywhere', () => {
  expect(elsewhere.requests).toHaveLength(0);
});

const doc = readFileSync(new URL('../../../docs/faults.md', import.meta.url), 'utf8');

test('docs/faults.md has these faults, and what came of them', () => {
  const rows = [...doc.matchAll(/^\| ([^|]+) \| ([^|]+) \| (\d) \| ([^|]+) \|$/gm)].map(
    ([, fault, kind, tries, had]) => ({ fault, kind, tries: Number(tries), had }),
  );
  expect(rows).toEqual(
    Object.entries(FAULTS).map(([fault, { kind, tries, heard }]) => ({
      fault,
      kind: kind === null ? 'none' : `\`${kind}\``,
      tries,
      had: kind === null ? 'the answer' : heard ? 'what had come' : 'nothing',
    })),
  );
});

test('docs/faults.md says of each kind whether it is tried again, goes to the next model, opens the breaker', async () => {
  const rows = [...doc.matchAll(/^\| `(\w+)` \| `(\w+)` \| \d+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \|/gm)].map(
    ([, kind, code, again, next, counts]) => ({ kind, code, again, next, counts }),
  );
  const facts = MODEL_ERROR_KINDS.map(async (kind) => {
    const failed = new ModelError(kind, 'failed');
    return {
      kind,
      code: failed.code,
      again: failed.retryable ? 'yes' : 'no',
      next: await nextAfter(failed),
      counts: failed.counts ? 'yes' : 'no',
    };
  });
  expect(rows).toEqual(await Promise.all(facts));
});

/** Whether a model of the same size, or only a larger one, is asked after that error. */
async function nextAfter(failed: ModelError): Promise<string> {
  const provider = providerOf('openai', server.origin);
  const target = (model: string, context_tokens: number): Target => ({
    id: `openai/${model}`,
    name: { provider: 'openai', model },
    provider,
    context_tokens,
    rank: 0,
    weight: 1,
  });
  const asked: string[] = [];
  const refuse = ({ name }: Target): AsyncIterable<never> => {
    asked.push(name.model);
    return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failed) }) };
  };
  const context = {
    signal: new AbortController().signal,
    deadlineAt: null,
    onFallback: () => undefined,
    now: () => 0,
  };
  const targets = [target('first', 10), target('equal', 10), target('larger', 20)];
  const all = withFallback(() => targets, refuse, context);
  await expect(all[Symbol.asyncIterator]().next()).rejects.toBe(failed);
  if (asked.includes('equal')) return 'yes';
  return asked.includes('larger') ? 'a larger one' : 'no';
}
