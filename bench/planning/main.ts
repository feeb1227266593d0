import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findRedisServer, startRedisServer } from '@planyard/runtime';
import { testEnv } from '../../test/support/env.ts';
import { startPostgres } from '../../test/support/start-postgres.ts';
import { type Figure, report } from '../report.ts';
import { runFigures } from './runs.ts';
import { selectorFigures } from './selector.ts';

const { values: flags } = parseArgs({
  options: { json: { type: 'string' }, repeats: { type: 'string', default: '5' } },
});
await report([...(await selectorFigures()), ...(await ofRuns(Number(flags.repeats)))], flags.json);

async function ofRuns(repeats: number): Promise<Figure[]> {
  const { databaseUrl, cacheDir } = testEnv();
  const progress = (text: string) => console.error(text);
  const dir = await mkdtemp(join(tmpdir(), 'planyard-bench-'));
  const source = await findRedisServer({ cacheDir, progress });
  const redis = await startRedisServer({ source, dir, password: 'bench' });
  const postgres = await startPostgres({ databaseUrl, cacheDir, progress });
  try {
    return await runFigures({ redisUrl: redis.url, postgresUrl: postgres.url }, repeats);
  } finally {
    await postgres.close();
    await redis.close();
    await rm(dir, { recursive: true, force: true });
  }
}
