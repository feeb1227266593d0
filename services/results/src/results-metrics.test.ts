import { randomUUID } from 'node:crypto';
import { createEngine } from '@planyard/engine';
import { createLogger } from '@planyard/runtime';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { expect, inject, it } from 'vitest';
import { createResultsMetrics } from './results-metrics.ts';

it('while Redis is away, what is read from it is left out and all else is told', async () => {
  const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 3 });
  const log = createLogger({ service: 'test', level: 'silent' });
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
  await engine.close();
});
