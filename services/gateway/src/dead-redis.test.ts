import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, openGateway, type TestGateway } from './testing/open-gateway.ts';

/** A way to Redis that can be cut, or left open with nobody answering. */
async function openWay(redisUrl: string) {
  const target = new URL(redisUrl);
  const sockets = new Set<Socket>();
  let state: 'open' | 'silent' = 'open';
  const server: Server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => state === 'open' && to.write(chunk));
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: Object.assign(new URL(redisUrl), { port: String(port), hostname: '127.0.0.1' }).toString(),
    silence: () => {
      state = 'silent';
    },
    cut: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe.each(['cut', 'silence'] as const)('when Redis is away (%s)', (how) => {
  let gateway: TestGateway;
  let way: Awaited<ReturnType<typeof openWay>>;
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
    expect(ready.json.checks).toEqual([
      { name: 'redis', ok: false },
      { name: 'postgres', ok: true },
    ]);
  });
});
