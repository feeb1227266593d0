import { z } from 'zod';
import { LOG_LEVELS } from './logger.ts';

/** A setting that counts something: a whole number from 1 on. */
export function count(fallback: number) {
  return z.coerce.number().int().min(1).default(fallback);
}

/** The settings that every service has, to be spread into its schema. */
export function serviceEnv(defaults: { metricsPort: number; poolSize: number }) {
  return {
    REDIS_URL: z.string().describe('redis://[user:password@]host:port'),
    DATABASE_URL: z.string().describe('postgres://user:password@host:port/database'),
    METRICS_PORT: z.coerce
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(defaults.metricsPort)
      .describe('the port of /metrics'),
    LOG_LEVEL: z
      .enum(LOG_LEVELS)
      .default('info')
      .describe(`one of ${LOG_LEVELS.join(', ')}`),
    DATABASE_POOL_SIZE: count(defaults.poolSize).describe('connections to Postgres at most'),
  };
}
