import { join } from 'node:path';
import type { Logger } from '@planyard/runtime';
import type { StandaloneConfig } from './config.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from './embedded-redis.ts';
import { reachRedis } from './reach-redis.ts';

/** Undefined: the user has one. */
export interface Servers {
  redis: Promise<EmbeddedRedis | undefined>;
  postgres: Promise<EmbeddedPostgres | undefined>;
}

/** Starts the servers that this process embeds, and asks the user's Redis whether it is there. A failure is told to whoever awaits it. */
export function startServers(deps: {
  config: StandaloneConfig;
  dataDir: string;
  progress: (text: string) => void;
  log: Logger;
}): Servers {
  const { config, dataDir, progress, log } = deps;
  const postgres = config.DATABASE_URL
    ? Promise.resolve(undefined)
    : startEmbeddedPostgres(join(dataDir, 'postgres'));
  const redis = config.REDIS_URL
    ? reachRedis(config.REDIS_URL, { progress, log }).then(() => undefined)
    : startEmbeddedRedis({
        dir: join(dataDir, 'redis'),
        cacheDir: join(config.XDG_CACHE_HOME, 'planyard'),
        progress,
        log,
      });
  for (const server of [redis, postgres]) server.catch(() => undefined);
  return { redis, postgres };
}
