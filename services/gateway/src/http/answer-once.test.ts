import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it, onTestFinished, vi } from 'vitest';
import { call, openGateway, type TestGateway } from '../testing/open-gateway.ts';
import { createIdempotency } from './idempotency.ts';

let gateway: TestGateway;
let admin: string;
beforeAll(async () => {
  gateway = await openGateway(inject('redisUrl'));
  admin = await gateway.key(['admin', 'runs:write', 'runs:read', 'runs:approve'], { user: 'ada' });
});
afterAll(() => gateway?.close());

function post(path: string, body: unknown, idempotencyKey: string, key = admin) {
  return call(gateway, 'POST', path, {
    key,
    ...(body === undefined ? {} : { body }),
    headers: { 'idempotency-key': idempotencyKey },
  });
}
const replayed = (reply: { headers: Headers }) => reply.headers.get('idempotency-replayed');

const CLAIM_MS = 60_000;
/** Claims that are renewed as the test's clock says. */
function openIdempotency(namespace: string) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  return createIdempotency(gateway.redis, namespace, async () => true, CLAIM_MS);
}
/** What is renewed by then reaches Redis before the test's next command does. */
const untilRenewed = () => vi.advanceTimersByTime(CLAIM_MS / 2);

it('a key that was made for an idempotency key is made once, and given again', async () => {
  const body = { name: 'app', user: 'app', scopes: ['runs:read'] };
  const once = randomUUID();
  const [first, again] = [await post('/v1/keys', body, once), await post('/v1/keys', body, once)];
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.json).toEqual(first.json);
  expect([replayed(first), replayed(again)]).toEqual([null, 'true']);
  expect(again.headers.get('cache-control')).toBe('no-store');
  const { json } = await call(gateway, 'GET', '/v1/keys?limit=100', { key: admin });
  expect(json.data.filter(({ user }: { user: string }) => user === 'app')).toHaveLength(1);
  // The secret is in Redis for a day, but nobody reads it there.
  const kept = await gateway.redis.keys(`${gateway.namespace}:idempotency:*`);
  const texts = await Promise.all(kept.map((name) => gateway.redis.get(name)));
  expect(kept).not.toHaveLength(0);
  expect(texts.join()).not.toContain(first.json.key);
  expect(texts.join()).not.toContain(once);

  const other = await post('/v1/keys', { ...body, name: 'other' }, once);
  expect(other).toMatchObject({ status: 422, json: { code: 'idempotency_mismatch' } });
  const stranger = await gateway.key(['admin'], { user: 'bob' });
  expect((await post('/v1/keys', { ...body, name: 'bobs' }, once, stranger)).status).toBe(201);
});

it('every POST takes one: cancel, decisions, prompts; another path is another request', async () => {
  const run = (await call(gateway, 'POST', '/v1/runs', { key: admin, body: { question: 'Why?' } })).json.id;
  const once = randomUUID();
  const cancelled = await post(`/v1/runs/${run}/cancel`, undefined, once);
  expect(cancelled.status).toBeLessThan(300);
  const again = await post(`/v1/runs/${run}/cancel`, undefined, once);
  expect({ ...again, headers: null }).toEqual({ ...cancelled, headers: null });
  expect(replayed(again)).toBe('true');
  for (const verb of ['approve', 'reject', 'abort']) {
    const path = `/v1/runs/${run}/steps/a/${verb}`;
    expect(await post(path, {}, once)).toMatchObject({ status: 422, json: { code: 'idempotency_mismatch' } });
    // What failed is not kept: it is asked anew.
    const fresh = randomUUID();
    for (const reply of [await post(path, {}, fresh), await post(path, {}, fresh)]) {
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(replayed(reply)).toBeNull();
    }
  }
  const rendered = randomUUID();
  const path = '/v1/prompts/join-replan/render';
  const [one, two] = [
    await post(path, { variables: {} }, rendered),
    await post(path, { variables: {} }, rendered),
  ];
  expect([one.status, replayed(one), replayed(two)]).toEqual([200, null, 'true']);
});

it('an upload is the same by its files, whatever lies between them', async () => {
  const once = randomUUID();
  const upload = async (text: string) => {
    const form = new FormData();
    form.append('files', new Blob([text]), 'items.csv');
    const response = await fetch(`${gateway.url}/v1/imports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'idempotency-key': once },
      body: form,
    });
    return { status: response.status, headers: response.headers, json: await response.json() };
  };
  const [first, again] = [await upload('code,type\na,service\n'), await upload('code,type\na,service\n')];
  expect(again.json).toEqual(first.json);
  expect([first.status, replayed(first), replayed(again)]).toEqual([200, null, 'true']);
  expect((await upload('code,type\nb,service\n')).status).toBe(422);
});

it('what is no key is refused with its place, and the header stands in the OpenAPI document', async () => {
  const refused = await post('/v1/keys', { name: 'x' }, 'not a key');
  expect(refused).toMatchObject({ status: 400, json: { errors: [{ path: 'header.idempotency-key' }] } });
  const { paths } = (await call(gateway, 'GET', '/openapi.json')).json;
  const posts = Object.entries(paths as Record<string, { post?: { parameters?: { name: string }[] } }>);
  for (const [path, { post: operation }] of posts)
    if (operation)
      expect(
        operation.parameters?.map(({ name }) => name),
        path,
      ).toContain('idempotency-key');
});

it('a request that takes long keeps its key; one whose process died frees it', async () => {
  const idempotency = openIdempotency(`${gateway.namespace}:x`);
  const first = await idempotency.begin('u', 'k', ['a']);
  const [name = ''] = await gateway.redis.keys(`${gateway.namespace}:x:*`);
  await gateway.redis.pexpire(name, CLAIM_MS / 2);
  untilRenewed();
  expect(await gateway.redis.pttl(name)).toBeGreaterThan(CLAIM_MS / 2);
  await expect(idempotency.begin('u', 'k', ['a'])).rejects.toMatchObject({ code: 'conflict' });
  if ('end' in first) await first.end();
  expect(await idempotency.begin('u', 'k', ['b'])).toHaveProperty('keep');
});

it.each([
  ['freed', false],
  ['answered', true],
])(
  'what the next request has is left alone when the first, whose process was frozen, is %s at last',
  async (_how, answers) => {
    const namespace = `${gateway.namespace}:${randomUUID()}`;
    const idempotency = createIdempotency(gateway.redis, namespace, async () => true);
    const begin = async () => {
      const begun = await idempotency.begin('u', 'k', ['a']);
      if (!('end' in begun)) throw new Error('the key is free');
      return begun;
    };
    const frozen = await begin();
    const [name = ''] = await gateway.redis.keys(`${namespace}:*`);
    await gateway.redis.del(name);
    const next = await begin();
    const reply = (text: string) => ({ status: 200, headers: {}, body: Buffer.from(text) });
    if (answers) frozen.keep(reply('late'));
    await frozen.end();
    await expect(idempotency.begin('u', 'k', ['a'])).rejects.toMatchObject({ code: 'conflict' });
    next.keep(reply('next'));
    await next.end();
    expect(await idempotency.begin('u', 'k', ['a'])).toEqual(reply('next'));
  },
);

it('nor is its reply kept shorter', async () => {
  const namespace = `${gateway.namespace}:short`;
  const idempotency = openIdempotency(namespace);
  const frozen = await idempotency.begin('u', 'k', ['a']);
  const [name = ''] = await gateway.redis.keys(`${namespace}:*`);
  await gateway.redis.set(name, 'of the next', 'PX', 2 * CLAIM_MS);
  untilRenewed();
  expect(await gateway.redis.pttl(name)).toBeGreaterThan(CLAIM_MS);
  if ('end' in frozen) await frozen.end();
});

it('while Redis is nearly full no reply is kept, and the key is free again', async () => {
  const namespace = `${gateway.namespace}:full`;
  const idempotency = createIdempotency(gateway.redis, namespace, async () => false);
  const first = await idempotency.begin('u', 'k', ['a']);
  if (!('end' in first)) throw new Error('the key is new');
  first.keep({ status: 200, headers: {}, body: Buffer.from('{}') });
  await first.end();
  expect(await gateway.redis.keys(`${namespace}:*`)).toEqual([]);
});
