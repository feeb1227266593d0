import { homedir } from 'node:os';
import { join } from 'node:path';
import { databaseUrl, LOG_LEVELS, parseEnv, redisUrl } from '@planyard/runtime';
import { z } from 'zod';

const StandaloneEnv = z.object({
  REDIS_URL: redisUrl()
    .optional()
    .describe('redis://[user:password@]host:port, in place of the embedded Redis'),
  DATABASE_URL: databaseUrl()
    .optional()
    .describe('postgres://user:password@host:port/database, in place of the embedded one; it needs pgvector'),
  HOST: z.string().default('127.0.0.1').describe('the address to listen on'),
  PORT: z.coerce.number().int().min(1).max(65_535).default(7420).describe('the port to listen on'),
  METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('the port of /metrics; 0 takes a free one'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe(`one of ${LOG_LEVELS.join(', ')}`),
  SHUTDOWN_GRACE_MS: z.coerce
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe('milliseconds for work in hand at shutdown'),
  XDG_CACHE_HOME: z.string().default(join(homedir(), '.cache')).describe('a directory'),
});
export type StandaloneConfig = z.infer<typeof StandaloneEnv>;

export function readConfig(): StandaloneConfig {
  return parseEnv(StandaloneEnv, process.env);
}

/** The settings the user gave, with what this process embeds in their place: what each service's schema parses. */
export function serviceEnv(embedded: Record<string, string>): Record<string, string | undefined> {
  return { ...process.env, ...embedded };
}
