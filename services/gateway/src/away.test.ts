import { checkHealth } from '@planyard/runtime';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { call, openGateway, type TestGateway } from './testing/open-gateway.ts';
import { openWay, type Way } from './testing/open-way.ts';

// Every limit on waiting is met on the way.
vi.setConfig({ testTimeout: 60_000 });

describe.each(['cut', 'silence'] as const)('when Redis is away (%s)', (how) => {
  let gateway: TestGateway;
  let way: Way;
  let key: string;
  beforeAll(async () => {
    way = await openWay(inject('redisUrl'));
    gateway = await openGateway(way.url);
    key = await gateway.key(['runs:read', 'runs:write']);
    expect((await call(gateway, 'GET', '/v1/runs', { key })).status).toBe(200);
    way[how]();
  });
  afterAll(async () => {
    way.cut();
    await gateway.close();
  });

  it('fails closed instead of hanging', async () => {
    for (const request of [
      () => call(gateway, 'GET', '/v1/runs', { key }),
      () => call(gateway, 'POST', '/v1/runs', { key, body: { question: 'a' } }),
      () => call(gateway, 'GET', '/v1/runs'),
    ]) {
      const reply = await request();
      expect(reply.json).toMatchObject({ status: 503, code: 'unavailable' });
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('names Redis in /readyz and lives on', async () => {
    expect((await call(gateway, 'GET', '/healthz')).status).toBe(200);
    const ready = await call(gateway, 'GET', '/readyz');
    expect(ready.status).toBe(503);
    expect(ready.json.checks).toEqual(
      expect.arrayContaining([
        { name: 'redis', ok: false },
        { name: 'postgres', ok: true },
      ]),
    );
    // What the port of its metrics goes by.
    expect(await checkHealth(gateway.checks)).toMatchObject({ ok: false });
  });
});

describe.each(['cut', 'silence'] as const)('when Postgres is away (%s)', (how) => {
  it('answers 503 and names it in /readyz', async () => {
    let way: Way | undefined;
    const gateway = await openGateway(inject('redisUrl'), {}, async (url) => {
      way = await openWay(url);
      return way.url;
    });
    const key = await gateway.key(['runs:read', 'runs:write']);
    expect((await call(gateway, 'GET', '/v1/runs', { key })).status).toBe(200);
    way?.[how]();
    const reply = await call(gateway, 'POST', '/v1/runs', {
      // Not remembered: the look-up itself must not hang.
      key: 'py_00000000_00000000000000000000000000000000',
      body: { question: 'a' },
    });
    expect(reply.json).toMatchObject({ status: 503, code: 'unavailable' });
    const ready = await call(gateway, 'GET', '/readyz');
    expect(ready.json).toMatchObject({
      ready: false,
      checks: expect.arrayContaining([
        { name: 'redis', ok: true },
        { name: 'postgres', ok: false },
      ]),
    });
    way?.cut();
    await gateway.close();
  });
});
