import { randomUUID } from 'node:crypto';
import { createEngine } from '@planyard/engine';
import { createLogger } from '@planyard/runtime';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { expect, inject, it } from 'vitest';
import { createResultsMetrics } from './results-metrics.ts';

it('while Redis is away, what is read from it is left out, which is said once, and all else is told', async () => {
  const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 3 });
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ service: 'test', level: 'info', destination });
  const engine = createEngine({
    redis,
    workerRedis: redis,
    log,
    settings: { namespace: `t${randomUUID().slice(0, 8)}` },
  });
  const registry = new Registry();
  const metrics = createResultsMetrics({
    registry,
    queues: engine.queues(),
    openRuns: () => engine.openRuns(),
    log,
    now: Date.now,
  });
  metrics.repaired('run_lost', 1);
  const told = await registry.metrics();
  expect(told).toContain('planyard_open_runs 0');
  expect(told).toMatch(/^planyard_queue_depth\{queue="[^"]+"\} 0$/m);

  redis.disconnect();
  const rest = await registry.metrics();
  expect(rest).toContain('planyard_reconciler_repairs_total{kind="run_lost"} 1');
  expect(rest).not.toMatch(/^planyard_(open_runs|queue_depth|queue_age_seconds)[ {]/m);
  await registry.metrics();
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(['metrics cannot be read from Redis']);

  await redis.connect();
  expect(await registry.metrics()).toContain('planyard_open_runs 0');
  await registry.metrics();
  expect(lines.slice(1).map((line) => JSON.parse(line).message)).toEqual([
    'metrics are read from Redis again',
  ]);
  await engine.close();
});
