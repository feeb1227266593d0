import { z } from 'zod';

/** Limits of a run. */
export const Budget = z
  .strictObject({
    cost_usd: z.number().min(0).optional(),
    tokens: z.int().min(1).optional(),
    ms: z.int().min(100).optional().meta({ description: 'Wall time from acceptance, in milliseconds' }),
    steps: z.int().min(1).optional(),
  })
  .meta({ id: 'Budget' });
export type Budget = z.infer<typeof Budget>;

export const StepBudget = z.strictObject({
  cost_usd: z.number().min(0).optional(),
  ms: z.int().min(1).optional(),
});
export type StepBudget = z.infer<typeof StepBudget>;

export const Usage = z
  .object({
    input_tokens: z.int().default(0).meta({ description: 'All input, from a cache or not' }),
    output_tokens: z.int().default(0).meta({ description: 'All output, reasoning included' }),
    cached_tokens: z.int().default(0).meta({ description: 'Input read from the provider’s cache' }),
    cache_write_tokens: z.int().default(0).meta({ description: 'Input written to the provider’s cache' }),
    reasoning_tokens: z.int().default(0).meta({ description: 'Output that is reasoning' }),
    estimated: z.boolean().default(false).meta({ description: 'The provider told nothing: counted by us' }),
    service_tier: z
      .string()
      .optional()
      .meta({ description: 'How the provider says that it served the call, where it tells' }),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;

/** Sums of what calls tell stay numbers below this, and no call gives anything back. */
const MOST_USD = 1e9;
const MOST_TOKENS = 1e12;

/** What a tool tells of what its call has used: money, and the tokens of a model that it called. */
export const Spending = z
  .strictObject({
    cost_usd: z
      .number()
      .min(0)
      .max(MOST_USD)
      .nullable()
      .default(0)
      .meta({ description: 'null: the price is not known' }),
    model: z
      .string()
      .regex(/^[^/]+\/./, 'a model is named provider/model')
      .optional(),
    usage: Usage.refine(
      ({ estimated: _estimated, service_tier: _tier, ...tokens }) =>
        Object.values(tokens).every((count) => count >= 0 && count <= MOST_TOKENS),
      `tokens are counted from 0 to ${MOST_TOKENS}`,
    ).optional(),
  })
  .refine((spending) => spending.usage === undefined || spending.model !== undefined, {
    path: ['model'],
    message: 'tokens are those of a model',
  });
export type Spending = z.infer<typeof Spending>;

const Line = z.object({
  used: z.number(),
  limit: z.number().nullable(),
  percent: z.number().nullable(),
  exceeded: z.boolean(),
});

/** What of each limit was used. */
export const BudgetReport = z
  .object({ cost_usd: Line, tokens: Line, ms: Line, steps: Line })
  .meta({ id: 'BudgetReport' });
export type BudgetReport = z.infer<typeof BudgetReport>;
