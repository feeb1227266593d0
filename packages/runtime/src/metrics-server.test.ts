import { Counter, Gauge } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { createMetricsRegistry, type MetricsServer, startMetricsServer } from './metrics-server.ts';
import { StartupError } from './startup-error.ts';

const servers: MetricsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: Partial<Parameters<typeof startMetricsServer>[0]> = {}) {
  const registry = createMetricsRegistry('test');
  new Counter({ name: 'things_total', help: 'things', registers: [registry] }).inc();
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1', registry, checks: [], ...options });
  servers.push(server);
  return { server, url: `http://127.0.0.1:${server.port}` };
}

test('metrics carry the service', async () => {
  const { url } = await start();
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('things_total{service="test"} 1');
});

test('readyz names the dependency that is down, healthz stays up', async () => {
  const checks = [
    { name: 'redis', check: async () => 'PONG' },
    { name: 'postgres', check: () => Promise.reject(new Error('no')) },
  ];
  const { url } = await start({ checks });
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({
    ok: false,
    checks: [
      { name: 'redis', ok: true },
      { name: 'postgres', ok: false },
    ],
  });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('a metric that cannot be collected is answered with 503, and the next scrape is served', async () => {
  const registry = createMetricsRegistry('test');
  const reads = [() => Promise.reject(new Error('the place it is read from is away')), async () => 2];
  new Gauge({
    name: 'things',
    help: 'things',
    registers: [registry],
    async collect() {
      this.set((await reads.shift()?.()) ?? 0);
    },
  });
  const { url } = await start({ registry });
  expect((await fetch(`${url}/metrics`)).status).toBe(503);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('things{service="test"} 2');
});

test('a taken port says so', async () => {
  const { server } = await start();
  await expect(start({ port: server.port })).rejects.toThrow(StartupError);
});
