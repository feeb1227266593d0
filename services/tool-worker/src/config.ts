import { ToolClass } from '@planyard/contracts';
import { engineEnv } from '@planyard/engine';
import { count, parseEnv, serviceEnv } from '@planyard/runtime';
import { z } from 'zod';

/** Settings of the tool worker. */
export const configSchema = z.object({
  ...serviceEnv({ metricsPort: 9466, poolSize: 10 }),
  ...engineEnv,
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
  TOOL_BREAKER_PERCENT: count(50).describe(
    'a tool of which more calls fail, in percent, rests; 100: none does',
  ),
  TOOL_BREAKER_CALLS: count(5).describe('calls of a tool within a minute before that share counts'),
  TOOL_BREAKER_REST_MS: count(15_000).describe('milliseconds such a tool rests before a call may try it'),
  PLANYARD_CONFIG: z
    .string()
    .transform((path) => path || undefined)
    .optional()
    .describe(
      'the file whose sources it reads the catalogs of, and whose budgets tools spend; ./planyard.yaml where there is one',
    ),
  CATALOG_CHECK_SECONDS: count(30).describe('seconds between two looks at whether a data source has changed'),
  CATALOG_READ_SECONDS: count(3_600).describe(
    'seconds after which the catalog of a data source is read anew',
  ),
  SHUTDOWN_GRACE_MS: count(10_000).describe('milliseconds for running steps at shutdown'),
});
export type ToolWorkerConfig = z.infer<typeof configSchema>;

/** Reads the environment. Throws EnvError with every fault at once. */
export function readConfig(): ToolWorkerConfig {
  return parseEnv(configSchema, process.env);
}

/** What the secrets of `planyard.yaml` may refer to, and where that file is looked for. */
export function readSurroundings() {
  return { secrets: process.env, directory: process.cwd() };
}
