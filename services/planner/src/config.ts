import { fileURLToPath } from 'node:url';
import { engineEnv } from '@planyard/engine';
import { ProviderEnv } from '@planyard/llm';
import { count, parseEnv, serviceEnv } from '@planyard/runtime';
import { z } from 'zod';

/** Settings of the planner. */
export const configSchema = z.object({
  ...serviceEnv({ metricsPort: 9465, poolSize: 4 }),
  ...engineEnv,
  PLANNER_CONCURRENCY: count(32).describe('runs planned or joined at once'),
  PLANNER_TOOL_TOKENS: count(4_000).describe(
    'tokens of the tools that a prompt shows; each later attempt shows as many again, and rounds offer four times as many, schemas and all',
  ),
  TOOL_SELECTOR: z
    .stringbool()
    .default(true)
    .describe('false: prompts show tools by name, not those that fit the question'),
  PLAN_CACHE: z.stringbool().default(true).describe('false: no plan of an earlier run serves again'),
  PLAN_CACHE_DAYS: count(30).describe('days that a plan may serve again'),
  PLAN_CACHE_SIMILARITY: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(0.92)
    .describe('cosine from which a question is similar enough to take over its plan'),
  PLAN_CACHE_MODEL: z
    .string()
    .min(1)
    .optional()
    .describe(
      'a cheap route or provider/model that gives the plan of a similar question its arguments; the one that plans without it',
    ),
  PLANYARD_EMBEDDING_MODEL: z
    .string()
    .regex(/^[^/]+\/.+$/, 'provider/model')
    .optional()
    .describe(
      'provider/model of embeddings, by which tools and similar questions are found too; words alone without it',
    ),
  PLANYARD_PROMPTS: z
    .string()
    .default(fileURLToPath(new URL('../../../prompts', import.meta.url)))
    .describe('the directory of the prompt files'),
  PLANYARD_COMPOSITIONS: z
    .string()
    .default(fileURLToPath(new URL('../../../compositions', import.meta.url)))
    .describe('the directory of the compositions'),
  SHUTDOWN_GRACE_MS: count(10_000).describe('milliseconds for runs being planned at shutdown'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('where spans of model calls go, http://host:4318; nowhere without it'),
  ...ProviderEnv.shape,
});
export type PlannerConfig = z.infer<typeof configSchema>;

/** Reads the environment. Throws EnvError with every fault at once. */
export function readConfig(): PlannerConfig {
  return parseEnv(configSchema, process.env);
}

/** What the secrets of `planyard.yaml` may refer to, and where that file is looked for. */
export function readSurroundings() {
  return { secrets: process.env, directory: process.cwd() };
}
