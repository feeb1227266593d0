import { type ConfigSection, sectionsOfOthers } from '@planyard/contracts';
import { z } from 'zod';
import { AuditSettings } from './audit.ts';
import { BreakerSettings } from './breaker.ts';
import { CacheSettings } from './cache.ts';
import { Limit, ModelBudget } from './limit.ts';
import { parseConfigFile } from './parse-config-file.ts';
import { Price } from './price.ts';
import { ProviderConfig } from './provider-config.ts';
import { Retries } from './retries.ts';
import { Route } from './route.ts';
import { Timeouts } from './timeouts.ts';

const Name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of letters, digits, dots and dashes')
  .refine((name) => name !== 'planyard', 'the name of whole runs');

/** The sections of `planyard.yaml` that are read here. */
const MODEL_SECTIONS = {
  providers: z.record(Name, ProviderConfig).default({}),
  routes: z.record(Name, Route).default({}),
  default_model: z
    .string()
    .optional()
    .meta({ description: 'A route or provider/model: what plans where PLANYARD_MODEL names none' }),
  prices: z
    .record(z.string().regex(/^[^/\s]+\/\S+$/, 'provider/model; * stands for any text'), Price)
    .default({})
    .meta({ description: 'USD for a million tokens, over the built-in table' }),
  timeouts: Timeouts.prefault({}),
  retries: Retries.prefault({}),
  breaker: BreakerSettings.prefault({}),
  cache: CacheSettings.prefault({}),
  audit: AuditSettings.prefault({}),
  limits: z.array(Limit).default([]),
  budgets: z.array(ModelBudget).default([]),
  budget_patience_ms: z
    .int()
    .min(0)
    .default(10_000)
    .meta({ description: 'How long a call waits for what others have reserved of a budget' }),
} satisfies Record<ConfigSection<'models'>, z.ZodType>;

/** `planyard.yaml`, of which others read what is not about models. */
export const ModelsConfig = z
  .strictObject({ ...sectionsOfOthers('models'), ...MODEL_SECTIONS })
  .transform((config) => config as z.output<z.ZodObject<typeof MODEL_SECTIONS>>);
export type ModelsConfig = z.infer<typeof ModelsConfig>;

const { budgets, budget_patience_ms } = MODEL_SECTIONS;
/** The sections that bind what tools spend, too. Who reads them alone leaves all others unread. */
export const BudgetsConfig = z.object({ budgets, budget_patience_ms });
export type BudgetsConfig = z.infer<typeof BudgetsConfig>;

/** Parses the file's text. Throws `invalid_config` with every fault, each with its place. */
export function parseModelsConfig(text: string, path: string): ModelsConfig {
  return parseConfigFile(ModelsConfig, text, path);
}
