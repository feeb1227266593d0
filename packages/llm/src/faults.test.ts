import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ModelCall } from '@planyard/contracts';
import { Registry } from 'prom-client';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_RETRIES } from './config/retries.ts';
import type { Timeouts } from './config/timeouts.ts';
import type { ChatRequest, Protocol, Provider, RawPiece } from './contract.ts';
import { createLlmMetrics } from './metrics.ts';
import { ModelError } from './model-error.ts';
import { createModels } from './models.ts';
import { chatDemand } from './policies/demand.ts';
import { modelSettings } from './settings.ts';
import { type Fault, type FaultServers, faults, MAX_REPLY_BYTES } from './testing/faults.ts';
import { startModelServer } from './testing/model-server.ts';
import { OUTPUT_TEXTS } from './testing/output-texts.ts';
import { providerOf, TEST_KEY, WIRES } from './testing/wires.ts';

const END = '<end>';
const LONG: Timeouts = {
  connect_ms: 30_000,
  first_token_ms: 60_000,
  between_tokens_ms: 60_000,
  total_ms: 120_000,
};

const servers = {} as FaultServers;
const FAULTS = faults(servers);
const closing: (() => void | Promise<void>)[] = [];

beforeAll(async () => {
  servers.server = await startModelServer();
  servers.elsewhere = await startModelServer();
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }]);
  const https = createServer({ key, cert }, (_request, response) => response.end('never asked'));
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  servers.selfSigned = `https://127.0.0.1:${(https.address() as AddressInfo).port}`;
  closing.push(
    () => servers.server.close(),
    () => servers.elsewhere.close(),
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
  if (replies) servers.server.script([{ when: () => true, replies }]);
  servers.server.requests.length = 0;
  const provider = providerOf(protocol, fault.origin?.() ?? servers.server.origin, {
    connect_timeout_ms: LONG.connect_ms,
    max_reply_bytes: MAX_REPLY_BYTES,
  });
  const settings = modelSettings({
    providers: [provider],
    timeouts: { ...LONG, ...fault.timeouts },
    retries: { ...DEFAULT_RETRIES, base_ms: 1, cap_ms: 2, max_wait_ms: 1000 },
    breaker: { error_percent: 99, min_calls: 100, window_ms: 60_000, reset_ms: 60_000 },
  });
  const models = createModels({
    settings: () => settings,
    metrics: createLlmMetrics(new Registry()),
    redis: null,
    cache: null,
    tracer: null,
    redact: (text) => text,
    texts: OUTPUT_TEXTS,
    log: { info: () => undefined, warn: () => undefined },
  });
  // What is loaded with the first call is none of the first token's time.
  if (!fault.origin) await provider.models(AbortSignal.timeout(60_000));
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
    await expect.poll(() => servers.server.requests.length).toBe(1);
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
    const which = JSON.stringify(way);
    const outcome = async () => {
      const { thrown, heard, calls } = await play(way, fault);
      const told = JSON.stringify([thrown, calls, (thrown as ModelError | null)?.stack]);
      expect(told, which).not.toContain(TEST_KEY);
      const kind = thrown instanceof ModelError ? thrown.kind : thrown;
      return { kind, tries: calls.length, heard: heard !== '', ended: heard.includes(END) };
    };
    const expected = {
      kind: fault.kind,
      tries: fault.tries,
      heard: fault.kind === null || fault.heard === true,
      ended: fault.kind === null,
    };
    // Again where a busy machine took longer than the reply that is too slow, or not.
    if (fault.timeouts) await expect.poll(outcome, { message: which }).toEqual(expected);
    else expect(await outcome(), which).toEqual(expected);
  }
});

test('a redirect takes neither the key nor the question anywhere', () => {
  expect(servers.elsewhere.requests).toHaveLength(0);
});
