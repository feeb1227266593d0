import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorReply, type ModelServer, type Reply, startModelServer } from '@planyard/llm/testing';
import { freePort } from '@planyard/runtime';
import { createKey } from '@planyard/store';
import { openTestDatabase } from '@planyard/store/testing';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { type StartedProcess, startProcess } from './support/started-process.ts';

// Three gateways, each a process of its own, on one Redis: what is limited is limited over all of them.
const MAIN = fileURLToPath(new URL('../services/gateway/src/main.ts', import.meta.url));
/** "hello" counts as 6 tokens. */
const MAX_TOKENS = 14;
const CONFIG = `
prices: { openai/*: { input: 1, output: 1 } }
budgets: [{ per: user, only: [thrifty], period: total, usd: 0.002 }]
limits: [{ per: user, only: [hasty, steady], requests_per_minute: 50 }, { per: model, only: [openai/narrow], concurrency: 5 }]
breaker: { min_calls: 3, reset_ms: 60000 }
retries: { max_tries: 1 }
`;

let upstream: ModelServer;
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let directory: string;
let gateways: StartedProcess[];
let urls: string[];

beforeAll(async () => {
  upstream = await startModelServer();
  const postgresUrl = inject('postgresUrl');
  database = await openTestDatabase(postgresUrl);
  directory = await mkdtemp(join(tmpdir(), 'planyard-'));
  await writeFile(join(directory, 'planyard.yaml'), CONFIG);
  const ports = [await freePort(), await freePort(), await freePort()];
  urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const namespace = `g${randomUUID().slice(0, 8)}`;
  gateways = ports.map((port) =>
    startProcess([MAIN], {
      PORT: String(port),
      METRICS_PORT: '0',
      REDIS_URL: inject('redisUrl'),
      DATABASE_URL: database.url,
      PLANYARD_NAMESPACE: namespace,
      PLANYARD_CONFIG: join(directory, 'planyard.yaml'),
      PLANYARD_MODEL_RATE_LIMIT: '100000',
      OPENAI_BASE_URL: upstream.url,
      OPENAI_API_KEY: 'sk-test',
    }),
  );
  await Promise.all(gateways.map((gateway) => gateway.printed(/gateway listens/)));
});
afterAll(async () => {
  for (const gateway of gateways ?? []) gateway.signal('SIGTERM');
  await Promise.all((gateways ?? []).map((gateway) => gateway.ended));
  await upstream?.close();
  await database?.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  upstream.requests.length = 0;
});

const said = { message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop', index: 0 };
const usage = { prompt_tokens: 6, completion_tokens: MAX_TOKENS };
const whole: Reply = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  pieces: [JSON.stringify({ id: 'c', object: 'chat.completion', choices: [said], usage })],
};

async function keyOf(user: string): Promise<string> {
  const request = { name: 'test', user, tenant: 'default', scopes: ['models:call' as const] };
  return (await createKey(database.db, request, { now: new Date() })).key;
}

async function ask(url: string, key: string, model: string): Promise<Response> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: 'hello' }],
      max_tokens: MAX_TOKENS,
    }),
  });
  await response.arrayBuffer();
  return response;
}

/** How often each status came of so many calls at once, spread over the gateways. */
async function call(key: string, calls: number, model = 'openai/a'): Promise<Record<number, number>> {
  const statuses = await Promise.all(
    Array.from({ length: calls }, async (_, index) => {
      const response = await ask(urls[index % urls.length] ?? '', key, model);
      return response.status;
    }),
  );
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

it('1,000 calls at once against a budget for 100: exactly 100 go through', async () => {
  upstream.script([{ when: /./, replies: [whole] }]);
  expect(await call(await keyOf('thrifty'), 1_000)).toEqual({ 200: 100, 402: 900 });
  expect(upstream.requests).toHaveLength(100);
});

it('50 requests a minute are 50, whichever gateway they come to', async () => {
  upstream.script([{ when: /./, replies: [whole] }]);
  expect(await call(await keyOf('hasty'), 200)).toEqual({ 200: 50, 429: 150 });
  expect(upstream.requests).toHaveLength(50);
});

it('a reply tells what is left of the tightest limit', async () => {
  upstream.script([{ when: /./, replies: [whole] }]);
  const key = await keyOf('steady');
  const left = [];
  for (const url of urls) {
    const { headers } = await ask(url, key, 'openai/a');
    left.push([headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]);
  }
  expect(left).toEqual([
    ['50', '49'],
    ['50', '48'],
    ['50', '47'],
  ]);
});

it('5 calls at once of a model are 5', async () => {
  const go = Promise.withResolvers<void>();
  upstream.script([{ when: /./, replies: [{ ...whole, pieces: [{ until: go.promise }, ...whole.pieces] }] }]);
  const all = call(await keyOf('wide'), 60, 'openai/narrow');
  await expect.poll(() => upstream.requests.length).toBe(5);
  go.resolve();
  expect((await all)[429]).toBeGreaterThan(0);
});

it('a breaker that one gateway opens is open at all of them', async () => {
  upstream.script([{ when: /./, replies: [errorReply(500, 'oops')] }]);
  const key = await keyOf('unlucky');
  const state = async (url: string) => {
    const { checks } = (await (await fetch(`${url}/readyz`)).json()) as {
      checks: { name: string; detail?: string }[];
    };
    return checks.find(({ name }) => name === 'models')?.detail ?? '';
  };
  const [first, ...others] = urls as [string, string, string];
  const { length } = urls;
  urls.length = 1;
  for (let calls = 0; calls < 3; calls += 1) await call(key, 1, 'openai/broken');
  urls.push(...others);
  expect(urls).toHaveLength(length);
  for (const url of [first, ...others])
    await expect.poll(() => state(url)).toContain('openai/broken: its breaker is open');
  upstream.requests.length = 0;
  expect(await call(key, 30, 'openai/broken')).toEqual({ 503: 30 });
  expect(upstream.requests).toHaveLength(0);
});
