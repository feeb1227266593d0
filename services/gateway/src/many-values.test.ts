import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { call, openGateway, type TestGateway } from './testing/open-gateway.ts';

/** Millions of values, each of them cheap to send. */
const many = (value: string, bytes = 15 * 1024 * 1024) =>
  Array(Math.floor(bytes / (value.length + 1)))
    .fill(value)
    .join(',');

let gateway: TestGateway;
let key: string;
beforeAll(async () => {
  gateway = await openGateway(inject('redisUrl'), { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' });
  key = await gateway.key(['models:call', 'runs:write']);
});
afterAll(() => gateway.close());

const post = (path: string, body: string) => call(gateway, 'POST', path, { key, body });

test.each([
  ['/v1/chat/completions', `{"model":"openai/m","messages":[${many('{"role":1}')}]}`],
  ['/v1/responses', `{"model":"openai/m","input":[${many('{"a":1}')}]}`],
  ['/v1/embeddings', `{"model":"openai/m","input":[${many('{}')}]}`],
  ['/v1/runs', `{"question":"a","options":[${many('1')}]}`],
])('a body of millions of values is not read: %s', async (path, body) => {
  const reply = await post(path, body);
  expect(reply.status).toBe(413);
  expect(reply.text).toContain('payload_too_large');
  expect(reply.text).toMatch(/may have [45]0+,000 values/);
});

test('what stands in texts and keys counts as little as it costs', async () => {
  const text = many('[{"a":1}', 200_000);
  const run = await post('/v1/runs', JSON.stringify({ question: text.slice(0, 8_000), tags: [] }));
  expect(run.json.code).not.toBe('payload_too_large');
  const chat = { model: 'none/m', messages: [{ role: 'user', content: `\\"${text}\\` }] };
  expect((await post('/v1/chat/completions', JSON.stringify(chat))).status).toBe(404);
  const tokens = { model: 'none/m', input: Array(300).fill(Array(1_000).fill(17)) };
  expect((await post('/v1/embeddings', JSON.stringify(tokens))).status).toBe(404);
});

test('where a long body is broken is not looked for, and of no body it is said', async () => {
  const broken = await post('/v1/chat/completions', `{"a":1${' '.repeat(2_000_000)}`);
  expect(broken.json.error).toMatchObject({ code: 'malformed_json', message: 'The body is not JSON' });
  const empty = await fetch(`${gateway.url}/v1/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: new ReadableStream({ start: (controller) => controller.close() }),
    duplex: 'half',
  } as RequestInit);
  expect(await empty.json()).toMatchObject({ status: 400, detail: 'A JSON body is required' });
});

test('of very many faults the first hundred are told, and how many there are', async () => {
  const fields = Array.from({ length: 20_000 }, (_, at) => `"k${at}":1`).join();
  const { json } = await post('/v1/runs', `{"question":"a",${fields}}`);
  expect(json).toMatchObject({ status: 400, detail: 'k0: unknown field (and 19999 more)' });
  expect(json.errors).toHaveLength(100);
});
