import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, openGateway, type TestGateway } from './testing/open-gateway.ts';

describe('limits', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'), {
      PLANYARD_RATE_LIMIT: '5',
      PLANYARD_MAX_OPEN_RUNS: '2',
      PLANYARD_TRUSTED_PROXIES: '1',
    });
  });
  afterAll(() => gateway.close());

  it('counts a user over all their keys, and says how much is left', async () => {
    const one = await gateway.key(['runs:read'], { user: 'jane' });
    const two = await gateway.key(['runs:read'], { user: 'jane' });
    const replies = [];
    for (let at = 0; at < 6; at += 1)
      replies.push(await call(gateway, 'GET', '/v1/runs', { key: at % 2 ? one : two }));
    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(replies.map((reply) => reply.headers.get('ratelimit-remaining'))).toEqual([
      '4',
      '3',
      '2',
      '1',
      '0',
      '0',
    ]);
    const last = replies.at(-1);
    expect(last?.json.code).toBe('rate_limited');
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last?.headers.get('x-ratelimit-limit')).toBe('5');
    const other = await gateway.key(['runs:read'], { user: 'joe' });
    expect((await call(gateway, 'GET', '/v1/runs', { key: other })).status).toBe(200);
  });

  it('counts an address without a valid key', async () => {
    const from = (address: string, key = 'py_00000000_00000000000000000000000000000000') =>
      call(gateway, 'GET', '/v1/runs', { key, headers: { 'x-forwarded-for': address } });
    const replies = await Promise.all(Array.from({ length: 6 }, () => from('192.0.2.1')));
    expect(replies.filter((reply) => reply.status === 429)).toHaveLength(1);
    expect((await from('192.0.2.2')).status).toBe(401);
    expect((await call(gateway, 'GET', '/healthz')).headers.get('ratelimit-limit')).toBeNull();
  });

  it('counts all addresses of a customer as one, at every door', async () => {
    const ways: [string, (at: number) => string][] = [
      ['/v1/runs', (at) => `2001:db8:0:1::${at}`],
      ['/v1/models', (at) => `2001:db8:0:2:${at}::1`],
      ['/admin/queues', (at) => `[2001:db8:0:3::${at}]:5000${at}`],
      ['/v1/runs', (at) => (at % 2 ? '192.0.2.3' : `::ffff:192.0.2.3`)],
    ];
    for (const [path, addressOf] of ways) {
      const ask = (at: number) =>
        call(gateway, 'GET', path, { headers: { 'x-forwarded-for': addressOf(at) } });
      const statuses = await Promise.all(Array.from({ length: 6 }, async (_, at) => (await ask(at)).status));
      expect(
        statuses.filter((status) => status === 429),
        addressOf(1),
      ).toHaveLength(1);
    }
  });

  it('refuses runs over the cap with Retry-After', async () => {
    const key = await gateway.key(['runs:write']);
    const ask = (headers = {}, body: object = { question: 'a' }) =>
      call(gateway, 'POST', '/v1/runs', { key, body, headers });
    const once = { 'idempotency-key': 'once' };
    const first = await ask(once);
    expect(first.status).toBe(202);
    expect((await ask()).status).toBe(202);
    const refused = await ask();
    expect(refused.json).toMatchObject({ status: 503, code: 'overloaded' });
    expect(refused.headers.get('retry-after')).toBe('5');
    const again = await ask(once);
    expect(again.json, 'what was accepted is told again').toMatchObject({ id: first.json.id });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await ask(once, { question: 'b' })).json.code).toBe('idempotency_mismatch');
  });
});

describe('event streams', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'), { PLANYARD_STREAMS_PER_USER: '2' });
  });
  afterAll(() => gateway.close());

  const follow = (key: string, run: string, signal?: AbortSignal) =>
    fetch(`${gateway.url}/v1/runs/${run}/events`, {
      headers: { authorization: `Bearer ${key}` },
      ...(signal ? { signal } : {}),
    });
  const start = async (key: string) =>
    (await call(gateway, 'POST', '/v1/runs', { key, body: { question: 'a' } })).json.id as string;

  it('are so many of a user at once', async () => {
    const key = await gateway.key(['runs:write', 'runs:read']);
    const run = await start(key);
    const leaving = new AbortController();
    const [first] = await Promise.all([follow(key, run, leaving.signal), follow(key, run)]);
    expect(first.status).toBe(200);
    const refused = await follow(key, run);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
    expect(refused.headers.get('retry-after')).toBe('5');
    leaving.abort();
    await expect.poll(async () => (await follow(key, run)).status).toBe(200);
  });

  it('end when their key is revoked', async () => {
    const key = await gateway.key(['runs:write', 'runs:read']);
    const admin = await gateway.key(['admin']);
    const stream = await follow(key, await start(key));
    const { data } = (await call(gateway, 'GET', '/v1/keys?limit=100', { key: admin })).json;
    const { id } = data.find(({ prefix }: { prefix: string }) => key.startsWith(prefix));
    await call(gateway, 'DELETE', `/v1/keys/${id}`, { key: admin });
    expect(await stream.text()).toContain('event: run.accepted');
  });

  it('end when their key expires', async () => {
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const key = await gateway.key(['runs:write', 'runs:read'], { expires_at });
    const stream = await follow(key, await start(key));
    expect(stream.status).toBe(200);
    gateway.pass(60_000);
    expect(await stream.text()).toContain('event: run.accepted');
  });
});

describe('the queue board', () => {
  it('shows queues to the operator and lets nothing be changed', async () => {
    const gateway = await openGateway(inject('redisUrl'));
    const admin = await gateway.key(['admin']);
    const authorization = `Basic ${Buffer.from(`admin:${admin}`).toString('base64')}`;
    const board = (method: string, path: string) =>
      call(gateway, method, `/admin/queues${path}`, { headers: { authorization } });
    const anonymous = await call(gateway, 'GET', '/admin/queues');
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toContain('Basic');
    const page = await board('GET', '/');
    expect(page.text).toContain('Planyard');
    expect(page.text).not.toMatch(/<script>/);
    // Our content security policy would refuse it, with an error in the browser's console.
    expect(page.text).not.toContain('https://');
    const { json } = await board('GET', '/api/queues');
    expect(json.queues.map((queue: { name: string }) => queue.name)).toContain('plan');
    for (const path of ['/api/queues/pause', '/api/queues/plan/pause', '/api/queues/plan/obliterate'])
      expect((await board('PUT', path)).json, path).toMatchObject({
        code: 'method_not_allowed',
        detail: expect.stringContaining('BULL_BOARD_WRITE'),
      });
    const plan = new Queue('plan', { connection: gateway.redis, prefix: `${gateway.namespace}:{p0}` });
    expect(await plan.isPaused()).toBe(false);
    await plan.close();
    await gateway.close();
  });
});
