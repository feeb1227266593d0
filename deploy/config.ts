import { databaseUrl, LOG_LEVELS, parseEnv, redisUrl } from '@planyard/runtime';
import { z } from 'zod';

const schema = z.object({
  REDIS_URL: redisUrl().describe('redis://[user:password@]host:port'),
  DATABASE_URL: databaseUrl().describe(
    'postgres://user:password@host:port/database, a Postgres 17 with pgvector',
  ),
  PORT: z.coerce.number().int().min(1).max(65_000).default(7420).describe('port of the first gateway'),
  METRICS_PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_000)
    .default(9464)
    .describe('port of the first /metrics'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe(`one of ${LOG_LEVELS.join(', ')}`),
});
export type DeployConfig = z.infer<typeof schema>;

export function readConfig(): DeployConfig {
  return parseEnv(schema, process.env);
}

/** The environment of this process with additions, for a service. */
export function serviceEnv(additions: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, ...additions };
}
