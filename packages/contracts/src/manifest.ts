import { z } from 'zod';
import { JsonObject } from './json.ts';
import { Retry, StepTimeout, ToolName } from './plan.ts';

/** Which queue a tool's steps go to: `io` waits for others, `model` calls models, `sandbox` runs code. */
export const ToolClass = z.enum(['io', 'model', 'sandbox']);
export type ToolClass = z.infer<typeof ToolClass>;

export const ToolEffects = z.enum(['read', 'write']);
export type ToolEffects = z.infer<typeof ToolEffects>;
export const Complexity = z.enum(['very_low', 'low', 'medium', 'high', 'very_high']);
export type Complexity = z.infer<typeof Complexity>;

export const ToolProfile = z.object({
  accuracy: z.number().min(0).max(1),
  complexity: Complexity,
});
export type ToolProfile = z.infer<typeof ToolProfile>;

/** What the planner knows of a tool; published to Redis as a lease by the workers that serve it. */
export const ToolManifest = z
  .object({
    name: ToolName,
    description: z.string(),
    class: ToolClass.default('io'),
    input_schema: JsonObject.meta({ description: 'JSON Schema of the arguments' }),
    output_schema: JsonObject.meta({ description: 'JSON Schema of the result' }),
    effects: ToolEffects,
    idempotent: z.boolean(),
    needs_approval: z.boolean().default(false),
    broad_search: z.boolean().default(false).meta({
      description: 'The tool can turn a bare question into arguments: `{"question": …}` is accepted',
    }),
    timeout_ms: StepTimeout,
    max_tries: Retry.shape.max_tries.default(3),
    max_in_flight: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Steps of this tool in flight at once, per partition' }),
    cache_ttl_s: z.int().min(0).default(0).meta({ description: '0: results are not cached' }),
    cost_usd: z.number().min(0).default(0).meta({ description: 'What one call is expected to cost' }),
    profile: ToolProfile,
  })
  .meta({ id: 'ToolManifest' });
export type ToolManifest = z.infer<typeof ToolManifest>;
