import { engineEnv } from '@planyard/engine';
import { count, parseEnv, serviceEnv } from '@planyard/runtime';
import { z } from 'zod';

/** Settings of the results service. */
export const configSchema = z.object({
  ...serviceEnv({ metricsPort: 9467, poolSize: 10 }),
  ...engineEnv,
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
