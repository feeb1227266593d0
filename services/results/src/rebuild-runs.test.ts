import { randomUUID } from 'node:crypto';
import { newRunId, type RunRecord, RunRequest } from '@planyard/contracts';
import { createEngine } from '@planyard/engine';
import { createLogger } from '@planyard/runtime';
import { insertAccepted } from '@planyard/store';
import { openTestDatabase } from '@planyard/store/testing';
import { Redis } from 'ioredis';
import { expect, inject, it, onTestFinished } from 'vitest';
import { rebuildRuns } from './rebuild-runs.ts';

it('rebuilds all runs but one that cannot be submitted, and tells which', async () => {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const lines: string[] = [];
  const log = createLogger({
    service: 'test',
    level: 'error',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const { db, close } = await openTestDatabase(inject('postgresUrl'));
  const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 3 });
  const engine = createEngine({ redis, log, settings: { namespace } });
  onTestFinished(async () => {
    await engine.close();
    redis.disconnect();
    await close();
  });
  const accept = async (at: number): Promise<RunRecord> => {
    const run: RunRecord = {
      id: newRunId(at),
      incarnation: 1,
      partition: 0,
      caller: { tenant: 'default', user: 'tester', key_id: 'k1' },
      request_id: 'req-1',
      request: RunRequest.parse({ question: 'q', options: {} }),
      status: 'accepted',
      created_at: new Date(at).toISOString(),
    };
    await insertAccepted(db, run, null);
    return run;
  };
  const now = Date.now();
  const [broken, other] = [await accept(now - 60_000), await accept(now - 50_000)];
  await redis.set(`${namespace}:{p0}:r:${broken.id}:2:meta`, 'no hash');
  const told: string[] = [];
  const metrics = {
    repaired: (kind: string) => void told.push(kind),
    repairFailed: () => void told.push('failed'),
  };
  await rebuildRuns({ db, engine, log, metrics, now: () => now });
  expect(told).toEqual(['failed', 'run_lost']);
  expect(await engine.readStatus(other.id)).toBe('accepted');
  expect(lines.map((line) => JSON.parse(line).run_id)).toEqual([broken.id]);
});
