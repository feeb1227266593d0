import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema as gatewayConfig, startGateway } from '@planyard/gateway';
import { configSchema as plannerConfig, startPlanner } from '@planyard/planner';
import { configSchema as resultsConfig, startResults } from '@planyard/results';
import { createLogger, createMetricsRegistry, parseEnv } from '@planyard/runtime';
import { createClient } from '@planyard/sdk';
import { createKey } from '@planyard/store';
import { openTestDatabase } from '@planyard/store/testing';
import { startToolWorker, configSchema as toolWorkerConfig } from '@planyard/tool-worker';
import { expect, inject, onTestFinished, test } from 'vitest';
import { hospital } from './questions/hospital.ts';
import { loadFixture } from './questions/inventory-fixture.ts';
import { startRedisCluster } from './support/start-redis-cluster.ts';

/** So many that no partition stays empty by chance. */
const RUNS = 40;

test('runs spread over the nodes of a Redis Cluster, and all of them end', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'planyard-cluster-'));
  const cluster = await startRedisCluster(dir);
  const postgresUrl = inject('postgresUrl');
  const database = await openTestDatabase(postgresUrl);
  await loadFixture(database.db, 'default', hospital, new Date());
  const env = {
    REDIS_URL: cluster.url,
    DATABASE_URL: database.url,
    PLANYARD_PARTITIONS: '3',
    PORT: '0',
    PLANYARD_RATE_LIMIT: '1000',
    // Nothing listens there: the planner goes by rules whatever this machine runs.
    OLLAMA_BASE_URL: '',
  };
  const base = (service: string) => ({
    db: database.db,
    log: createLogger({ service, level: 'silent' }),
    registry: createMetricsRegistry(service),
  });
  const nothingOnLocalhost: typeof fetch = () => Promise.reject(new Error('nothing is looked for in tests'));
  const services = [
    await startResults({ ...base('results'), config: parseEnv(resultsConfig, env) }),
    await startToolWorker({ ...base('tool-worker'), config: parseEnv(toolWorkerConfig, env) }),
    await startPlanner({
      ...base('planner'),
      config: parseEnv(plannerConfig, env),
      fetch: nothingOnLocalhost,
    }),
  ];
  const gateway = await startGateway({ ...base('gateway'), config: parseEnv(gatewayConfig, env) });
  onTestFinished(async () => {
    await gateway.close();
    await Promise.all(services.map((service) => service.close()));
    await database.close();
    await cluster.close();
    await rm(dir, { recursive: true, force: true });
  });
  const owner = {
    name: 'story',
    user: 'story',
    tenant: 'default',
    scopes: ['runs:read' as const, 'runs:write' as const],
  };
  const { key } = await createKey(database.db, owner, { now: new Date() });
  const client = createClient({ baseUrl: `http://127.0.0.1:${gateway.port}`, apiKey: key });

  const runs = await Promise.all(
    Array.from({ length: RUNS }, async () => {
      const { id } = await client.runs.create({ question: 'who owns MRI-1?' });
      return await client.runs.wait(id, { signal: AbortSignal.timeout(120_000) });
    }),
  );
  expect(runs.map((run) => run.status)).toEqual(runs.map(() => 'completed'));

  const runKeys = await Promise.all(cluster.nodes.map((node) => node.keys('py:{p*}:run:*')));
  expect(runKeys.flat()).toHaveLength(RUNS);
  expect(new Set(runKeys.flat().map((key) => /\{p\d\}/.exec(key)?.[0])).size).toBe(3);
  expect(runKeys.filter((keys) => keys.length > 0)).toHaveLength(3);
  for (const node of cluster.nodes) expect(await node.keys('py:{p*}:due')).toEqual([]);
});
