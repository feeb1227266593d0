import { fileURLToPath } from 'node:url';
import { engineEnv } from '@planyard/engine';
import { ProviderEnv } from '@planyard/llm';
import { count, parseEnv, serviceEnv } from '@planyard/runtime';
import { z } from 'zod';

const flag = z.stringbool().default(false);

/** Settings of the gateway. */
export const configSchema = z.object({
  ...serviceEnv({ metricsPort: 9464, poolSize: 10 }),
  ...engineEnv,
  HOST: z.string().default('127.0.0.1').describe('the address to listen on'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(7420).describe('the port to listen on'),
  PLANYARD_MAX_OPEN_RUNS: count(1_000).describe('open runs at most; more are refused with 503'),
  PLANYARD_RATE_LIMIT: count(100).describe('requests a minute for a user, and for an address without a key'),
  PLANYARD_MODEL_RATE_LIMIT: count(1_000).describe('requests a minute to models for a user'),
  PLANYARD_IMPORT_MAX_BYTES: count(1024 ** 3).describe('bytes of one upload at most'),
  PLANYARD_BODY_TIMEOUT_MS: count(60_000).describe(
    'milliseconds in which the body of a request must come; an upload may pause for so long, and a client that takes its reply',
  ),
  PLANYARD_TRUSTED_PROXIES: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('proxies in front whose X-Forwarded-For is believed'),
  PLANYARD_PROMPTS: z
    .string()
    .default(fileURLToPath(new URL('../../../prompts', import.meta.url)))
    .describe('the directory of the prompt files'),
  PLANYARD_COMPOSITIONS: z
    .string()
    .default(fileURLToPath(new URL('../../../compositions', import.meta.url)))
    .describe('the directory of the compositions'),
  PLANYARD_EMBEDDING_MODEL: z
    .string()
    .regex(/^[^/]+\/.+$/, 'provider/model')
    .optional()
    .describe(
      'provider/model of embeddings, by which tools and similar questions are found too; words alone without it',
    ),
  PLANYARD_STREAMS_PER_USER: count(1_000).describe(
    'event streams, waits and uploads of a user at once, in each gateway',
  ),
  PLANYARD_SCHEDULES_PER_USER: count(100).describe('schedules of a user at most'),
  PLANYARD_SCHEDULE_MIN_SECONDS: count(60).describe('seconds between two times of a schedule at least'),
  SCHEDULES_RECONCILE_MS: count(60_000).describe(
    'milliseconds between two looks at whether Redis knows every schedule',
  ),
  BULL_BOARD_WRITE: flag.describe('true: /admin/queues may change queues'),
  SHUTDOWN_GRACE_MS: count(10_000).describe('milliseconds for requests in flight at shutdown'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('where spans of model calls go, http://host:4318; nowhere without it'),
  ...ProviderEnv.shape,
});
export type GatewayConfig = z.infer<typeof configSchema>;

/** Reads the environment. Throws EnvError with every fault at once. */
export function readConfig(): GatewayConfig {
  return parseEnv(configSchema, process.env);
}

/** What the secrets of `planyard.yaml` may refer to, and where that file is looked for. */
export function readSurroundings() {
  return { secrets: process.env, directory: process.cwd() };
}
