import { z } from 'zod';
import { ErrorBody } from './errors.ts';
import { PlanStepId, RunId, StepId } from './ids.ts';
import { Json, JsonObject } from './json.ts';
import { LIMITS } from './limits.ts';
import { OnError, StepTimeout, ToolName } from './plan.ts';
import { Reference } from './reference.ts';
import { RunStatus } from './run.ts';
import { StepReason, StepStatus } from './step.ts';

/** What all compositions are as tools: `composition.search_with_context`. */
export const COMPOSITION_TYPE = 'composition';
/** The step of an expanded composition that gathers what the others gave. */
export const COLLECT_TOOL = 'composition.collect';
/** In the arguments of a composition's steps a reference to this reads the parameters. */
export const PARAMETERS = 'params';
/** The step that gathers the results of a composition that was called by itself. */
export const RESULTS = 'result';

export const CompositionName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'small letters, digits and _; 64 at most')
  .refine((name) => `${COMPOSITION_TYPE}.${name}` !== COLLECT_TOOL, 'the name of a tool');

export const CompositionParameter = z.strictObject({
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object']),
  description: z.string().default(''),
  enum: z.array(z.string()).min(1).optional(),
  default: Json.optional().meta({ description: 'A parameter without one is required' }),
});
export type CompositionParameter = z.infer<typeof CompositionParameter>;

const CompositionStep = z
  .strictObject({
    id: PlanStepId,
    tool: ToolName,
    args: JsonObject.default({}),
    purpose: z.string().max(500).default(''),
    when: Reference.optional(),
    on_error: OnError.exclude(['isolate']).default('fail_fast'),
    fallback: z.strictObject({ tool: ToolName, args: JsonObject.default({}) }).optional(),
    timeout_ms: StepTimeout.optional(),
  })
  .refine((step) => (step.on_error === 'fallback') === (step.fallback !== undefined), {
    path: ['fallback'],
    message: 'on_error "fallback" goes with a fallback, and a fallback with it',
  });

/** A named pipeline: steps that run in order. References read earlier steps, and `params` the parameters. */
export const Composition = z
  .strictObject({
    name: CompositionName,
    description: z.string().min(1),
    parameters: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), CompositionParameter).default({}),
    primary: PlanStepId.optional().meta({
      description: 'The step whose result is the primary one; the first without it',
    }),
    /** They run in a chain, with a step before them for the parameters and one after them for the results. */
    steps: z
      .array(CompositionStep)
      .min(1)
      .max(LIMITS.graph_depth - 2),
  })
  .meta({ id: 'Composition' });
export type Composition = z.infer<typeof Composition>;

/** What became of a composition's steps. */
export const CompositionTrace = z.object({
  execution_trace: z.array(
    z.object({
      step: StepId,
      tool: ToolName,
      status: StepStatus,
      reason: StepReason.nullable(),
      duration_ms: z.number().nullable(),
      cached: z.boolean(),
      fallback_used: z.boolean(),
    }),
  ),
  metadata: z.object({
    total_time_ms: z.number(),
    steps_completed: z.int(),
    errors: z.array(z.object({ step: StepId, error: ErrorBody })),
  }),
});
export type CompositionTrace = z.infer<typeof CompositionTrace>;

/** What a composition gave. */
export const CompositionResult = z
  .object({
    run_id: RunId,
    status: RunStatus,
    primary: Json.meta({ description: 'Of the primary step; null where it gave none' }),
    enriched: z.record(z.string(), Json).meta({ description: 'Of every other step, by its id' }),
    ...CompositionTrace.shape,
  })
  .meta({ id: 'CompositionResult' });
export type CompositionResult = z.infer<typeof CompositionResult>;
