import { z } from 'zod';
import { oneLine, Timestamp } from '../ids.ts';
import { PageQuery, pageOf } from './page.ts';

const Dimension = z.enum(['intent', 'agent', 'prompt', 'source', 'error']);
export type PlanDimension = z.infer<typeof Dimension>;

export const PlansQuery = PageQuery.extend({
  by: z
    .string()
    .default('intent,agent,prompt')
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(Dimension).min(1))
    .meta({
      description:
        'What to count by, with commas: intent, agent, prompt (its version), source, error (its code)',
      type: 'string',
    }),
  agent: oneLine(100).optional(),
  from: Timestamp.optional().meta({ description: '30 days ago by default' }),
  to: Timestamp.optional().meta({ description: 'Not included; now by default' }),
});

const share = (description: string) => z.number().min(0).max(1).nullable().meta({ description });

/** How the plans of ended runs did; a dimension that was not asked for is absent, one without a value null. */
export const PlanStats = z
  .object({
    intent: z.string().optional(),
    agent: z.string().nullable().optional(),
    prompt: z.string().nullable().optional(),
    source: z.string().optional(),
    error: z.string().nullable().optional(),
    plans: z.int(),
    success_rate: z.number().meta({ description: 'Runs that were completed' }),
    repair_rate: z.number().meta({ description: 'Plans of which something went back to the model' }),
    fallback_rate: z
      .number()
      .meta({ description: 'Where no plan could be made: rounds after it, or broad search' }),
    cache_rate: z.number().meta({ description: 'Kept plans, adapted or not' }),
    tool_accuracy: share('Planned steps that succeeded and were cited'),
    mean_cost_usd: z.number().nullable().meta({ description: 'Of runs whose cost is known' }),
    mean_latency_ms: z.number(),
  })
  .meta({ id: 'PlanStats' });
export type PlanStats = z.infer<typeof PlanStats>;
export const PlanStatsPage = pageOf(PlanStats).meta({ id: 'PlanStatsPage' });
