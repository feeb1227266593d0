import { fileURLToPath } from 'node:url';
import { ProviderEnv } from '@planyard/llm';
import { LOG_LEVELS, parseEnv } from '@planyard/runtime';
import { z } from 'zod';

const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

/** Settings of the planner. */
export const configSchema = z.object({
  REDIS_URL: z.string().describe('redis://[user:password@]host:port'),
  DATABASE_URL: z.string().describe('postgres://user:password@host:port/database'),
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(9465).describe('the port of /metrics'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe(`one of ${LOG_LEVELS.join(', ')}`),
  DATABASE_POOL_SIZE: count(4).describe('connections to Postgres at most'),
  PLANYARD_PARTITIONS: count(1).describe('partitions that runs spread over; the same for every service'),
  PLANYARD_NAMESPACE: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,30}$/)
    .default('py')
    .describe('first part of every Redis key; the same for every service'),
  PLANNER_CONCURRENCY: count(32).describe('runs planned or joined at once'),
  PLANYARD_PROMPTS: z
    .string()
    .default(fileURLToPath(new URL('../../../prompts', import.meta.url)))
    .describe('the directory of the prompt files'),
  SHUTDOWN_GRACE_MS: count(10_000).describe('milliseconds for runs being planned at shutdown'),
  ...ProviderEnv.shape,
});
export type PlannerConfig = z.infer<typeof configSchema>;

/** Reads the environment. Throws EnvError with every fault at once. */
export function readConfig(): PlannerConfig {
  return parseEnv(configSchema, process.env);
}
