import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer, startRedisServer } from '@planyard/runtime';
import type { TestProject } from 'vitest/node';
import { testEnv } from './env.ts';
import { startPostgres } from './start-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A real redis-server of this test run; take a key prefix of your own. */
    redisUrl: string;
    /** A superuser's database on a real Postgres 17 with pgvector, where this machine can have one. */
    postgresUrl: string | undefined;
  }
}

function progress(text: string) {
  process.stderr.write(`${text}\n`);
}

/** Gives every test file a real Redis and, where possible, a real Postgres. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { cacheDir, databaseUrl } = testEnv();
  const dir = await mkdtemp(join(tmpdir(), 'planyard-test-'));
  const source = await findRedisServer({ cacheDir, progress });
  const redis = await startRedisServer({ source, dir: join(dir, 'redis'), password: 'test' });
  project.provide('redisUrl', redis.url);

  const postgres = await startPostgres({ databaseUrl, cacheDir, progress }).catch((error: Error) => {
    progress(`Real Postgres is not available: ${error.message}`);
    return undefined;
  });
  project.provide('postgresUrl', postgres?.url);

  return async () => {
    await postgres?.close();
    await redis.close();
    await rm(dir, { recursive: true, force: true });
  };
}
