import { z } from 'zod';
import { ToolName } from './plan.ts';

/** A part of what can be known or done: a tool's type, such as `ci` or `metric`. */
const ContextName = z.string().min(1).max(64);

/**
 * What a run looks at before it plans steps: which contexts and tools, in which order. Attempt n (counted from 0) sees
 * the tools of the first n + 1 stages. `{stages: [], broad_search: true, intent}` is the broad plan.
 */
export const ContextPlan = z
  .object({
    intent: z.string().max(2_000),
    stages: z
      .array(z.object({ contexts: z.array(ContextName).default([]), tools: z.array(ToolName) }))
      .max(10),
    contexts: z
      .array(z.object({ context: ContextName, score: z.number(), reason: z.string().max(500) }))
      .default([])
      .meta({ description: 'Ranked, best first' }),
    candidates: z
      .array(z.object({ tool: ToolName, score: z.number(), reason: z.string().max(500) }))
      .default([])
      .meta({ description: 'Ranked, best first' }),
    hints: z
      .record(ToolName, z.record(z.string(), z.string()))
      .default({})
      .meta({ description: 'Values that the question names, by tool and argument' }),
    stop: z.array(z.string().max(500)).default([]).meta({ description: 'When to stop looking further' }),
    privacy: z.string().max(2_000).default('').meta({ description: 'What must not be looked at or told' }),
    broad_search: z.boolean().default(false).meta({ description: 'Tools beyond the stages may be used' }),
  })
  .meta({ id: 'ContextPlan' });
export type ContextPlan = z.infer<typeof ContextPlan>;

/** What a run that could not be planned is about. */
export const BROAD_INTENT = 'General assistance with all available tools';
