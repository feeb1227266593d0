import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createLogger, createMetricsRegistry } from '@planyard/runtime';
import { expect, it, onTestFinished } from 'vitest';
import { bodyRoom } from '../http/body-room.ts';
import { createHttpMetrics } from '../http/http-metrics.ts';
import { createOpenAiApi, type Endpoint } from './openai-api.ts';

async function serve(endpoint: Endpoint, bodyBytes = 1_000) {
  const lines: string[] = [];
  const room = { count: async () => ({ limit: 9, remaining: 9, resetS: 1, exceeded: false }) };
  const listener = createOpenAiApi(
    {
      endpoints: [endpoint],
      authenticate: async () => ({ tenant: 't', user: 'u', key_id: 'k', scopes: [], operator: false }),
      addressLimit: room,
      callLimit: room,
      idempotency: { begin: () => Promise.reject(new Error('nothing is repeated here')) },
      log: createLogger({
        service: 'gateway',
        level: 'error',
        destination: { write: (line: string) => void lines.push(line) },
      }),
      metrics: createHttpMetrics(createMetricsRegistry('gateway')),
      now: Date.now,
      trustedProxies: 0,
      bodyTimeoutMs: 60_000,
      beginBody: bodyRoom(bodyBytes),
    },
    () => {},
  );
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { lines, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

it('a reply that cannot be written ends its connection, and nothing else', async () => {
  const { url, lines } = await serve({
    method: 'GET',
    path: '/v1/odd',
    async answer({ headers }) {
      headers['X-Odd'] = '模';
      throw new Error('and the error has the header too');
    },
  });
  const headers = { authorization: 'Bearer any' };
  await expect(fetch(`${url}/v1/odd`, { headers })).rejects.toThrow('fetch failed');
  expect(lines.map((line) => JSON.parse(line).message)).toEqual([
    'request failed',
    'the error could not be told',
  ]);
});

it.each([
  ['as they are', (text: string) => text, {}],
  ['inflated', (text: string) => Uint8Array.from(gzipSync(text)), { 'content-encoding': 'gzip' }],
])(
  'bodies of a user, %s, have so much room at once, which is free again when their requests are over',
  async (_, written, encoding) => {
    const begun: (() => void)[] = [];
    let told = () => {};
    const { url } = await serve({
      method: 'POST',
      path: '/v1/odd',
      async answer({ res }) {
        begun.push(() => res.end('done'));
        told();
      },
    });
    const send = (bytes: number) =>
      fetch(`${url}/v1/odd`, {
        method: 'POST',
        headers: { authorization: 'Bearer any', 'content-type': 'application/json', ...encoding },
        body: written('x'.repeat(bytes)),
      });
    const isBegun = new Promise<void>((resolve) => {
      told = resolve;
    });
    const first = send(850);
    await isBegun;
    const refused = await send(250);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    const alongside = send(100);
    begun[0]?.();
    expect((await first).status).toBe(200);
    await expect.poll(() => begun.length).toBe(2);
    begun[1]?.();
    await alongside;
    const next = send(900);
    await expect.poll(() => begun.length).toBe(3);
    begun[2]?.();
    expect((await next).status).toBe(200);
  },
);
