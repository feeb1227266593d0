import { z } from 'zod';

const only = z.array(z.string().min(1)).min(1).optional().meta({
  description: 'The providers, models, keys, users or tenants that it is for; all of them by default',
});

/** A limit for each provider, model, key, user or tenant, over all processes. */
export const Limit = z
  .strictObject({
    per: z.enum(['provider', 'model', 'key', 'user', 'tenant']),
    only,
    requests_per_minute: z.int().min(1).optional(),
    tokens_per_minute: z.int().min(1).optional(),
    concurrency: z.int().min(1).optional(),
  })
  .refine((limit) => limit.requests_per_minute ?? limit.tokens_per_minute ?? limit.concurrency, {
    message: 'a limit needs requests_per_minute, tokens_per_minute or concurrency',
  });
export type Limit = z.infer<typeof Limit>;

/** Money or tokens for each request, run, key, user or tenant, or for all together. */
export const ModelBudget = z
  .strictObject({
    per: z.enum(['request', 'run', 'key', 'user', 'tenant', 'all']),
    only,
    period: z
      .enum(['day', 'total'])
      .default('day')
      .meta({ description: 'A day of UTC, or for ever; requests and runs have one budget each' }),
    usd: z.number().positive().optional(),
    tokens: z.int().min(1).optional(),
  })
  .refine((budget) => budget.usd ?? budget.tokens, { message: 'a budget needs usd or tokens' });
export type ModelBudget = z.infer<typeof ModelBudget>;
