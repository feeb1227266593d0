import { z } from 'zod';
import { LOG_LEVELS } from './logger.ts';

/** A setting that counts something: a whole number from 1 on. */
export function count(fallback: number) {
  return z.coerce.number().int().min(1).default(fallback);
}

/** The address of a Redis. */
export function redisUrl() {
  return z.string().regex(/^rediss?:\/\//, 'it must start with redis:// or rediss://');
}

/** The address of a Postgres. */
export function databaseUrl() {
  return z.string().regex(/^postgres(ql)?:\/\//, 'it must start with postgres://');
}

/** The settings that every service has, to be spread into its schema. */
export function serviceEnv(defaults: { metricsPort: number; poolSize: number }) {
  return {
    REDIS_URL: redisUrl().describe('redis://[user:password@]host:port'),
    DATABASE_URL: databaseUrl().describe('postgres://user:password@host:port/database'),
    METRICS_PORT: z.coerce
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(defaults.metricsPort)
      .describe('the port of /metrics'),
    METRICS_HOST: z
      .string()
      .default('127.0.0.1')
      .describe('the address of /metrics, /healthz and /readyz; they ask for no key'),
    LOG_LEVEL: z
      .enum(LOG_LEVELS)
      .default('info')
      .describe(`one of ${LOG_LEVELS.join(', ')}`),
    DATABASE_POOL_SIZE: count(defaults.poolSize).describe('connections to Postgres at most'),
  };
}
