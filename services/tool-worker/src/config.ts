import { ToolClass } from '@planyard/contracts';
import { LOG_LEVELS, parseEnv } from '@planyard/runtime';
import { z } from 'zod';

const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

/** Settings of the tool worker. */
export const configSchema = z.object({
  REDIS_URL: z.string().describe('redis://[user:password@]host:port'),
  DATABASE_URL: z.string().describe('postgres://user:password@host:port/database'),
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(9466).describe('the port of /metrics'),
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
  TOOL_CLASSES: z
    .string()
    .default('io,model,sandbox')
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(ToolClass).min(1))
    .describe('which tools this worker serves: io, model, sandbox, with commas between'),
  TOOL_CONCURRENCY: count(32).describe('steps of a class at once'),
  RESULT_CACHE: z.stringbool().default(true).describe('false: results of tools are not cached'),
  RESULT_CACHE_ENTRIES: count(1_000).describe('cached results at most'),
  RESULT_CACHE_BYTES: count(64 * 1024 * 1024).describe('bytes of cached results at most'),
  APPROVAL_EXPIRES_MS: count(24 * 3_600_000).describe('milliseconds a step waits for a person'),
  SHUTDOWN_GRACE_MS: count(10_000).describe('milliseconds for running steps at shutdown'),
});
export type ToolWorkerConfig = z.infer<typeof configSchema>;

/** Reads the environment. Throws EnvError with every fault at once. */
export function readConfig(): ToolWorkerConfig {
  return parseEnv(configSchema, process.env);
}
