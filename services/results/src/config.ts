import { LOG_LEVELS, parseEnv } from '@planyard/runtime';
import { z } from 'zod';

const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

/** Settings of the results service. */
export const configSchema = z.object({
  REDIS_URL: z.string().describe('redis://[user:password@]host:port'),
  DATABASE_URL: z.string().describe('postgres://user:password@host:port/database'),
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(9467).describe('the port of /metrics'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe(`one of ${LOG_LEVELS.join(', ')}`),
  DATABASE_POOL_SIZE: count(10).describe('connections to Postgres at most'),
  PLANYARD_PARTITIONS: count(1).describe('partitions that runs spread over; the same for every service'),
  PLANYARD_NAMESPACE: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,30}$/)
    .default('py')
    .describe('first part of every Redis key; the same for every service'),
  RESULTS_CONCURRENCY: count(16).describe('runs archived at once'),
  RECONCILE_EVERY_MS: count(1_000).describe('milliseconds between two looks for what crashed'),
  RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .default(30)
    .describe('days that ended runs are kept; 0 keeps them for ever'),
  SHUTDOWN_GRACE_MS: count(10_000).describe('milliseconds for runs being archived at shutdown'),
});
export type ResultsConfig = z.infer<typeof configSchema>;

/** Reads the environment. Throws EnvError with every fault at once. */
export function readConfig(): ResultsConfig {
  return parseEnv(configSchema, process.env);
}
