import { z } from 'zod';
import { StepBudget } from './budget.ts';
import { PlanStepId } from './ids.ts';
import { JsonObject } from './json.ts';
import { LIMITS, LONGEST_STEP_MS } from './limits.ts';
import { Reference } from './reference.ts';

export const ToolName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}\.[a-z][a-z0-9_-]{0,63}$/, 'a tool is named type.operation')
  .meta({ id: 'ToolName', example: 'ci.search' });
export type ToolName = z.infer<typeof ToolName>;

export const OnError = z.enum(['isolate', 'skip', 'fallback', 'fail_fast']);
export type OnError = z.infer<typeof OnError>;

export const Retry = z.strictObject({ max_tries: z.int().min(1).max(10) });

/** How long one try of a step may take, in milliseconds. */
export const StepTimeout = z.int().min(1).max(LONGEST_STEP_MS);

const toolCall = { tool: ToolName, args: JsonObject.default({}) };

/** A step as a planner writes it. `{tool_type, operation}` is accepted in place of `tool`. */
export const PlanStep = z
  .preprocess(
    nameTool,
    z
      .strictObject({
        id: PlanStepId,
        ...toolCall,
        purpose: z.string().max(500).default(''),
        after: z.array(z.string().max(80)).max(LIMITS.steps_per_plan).default([]),
        when: Reference.optional(),
        on_error: OnError.default('isolate'),
        fallback: z.preprocess(nameTool, z.strictObject(toolCall)).optional(),
        budget: StepBudget.optional(),
        timeout_ms: StepTimeout.optional(),
        retry: Retry.optional(),
      })
      .refine((step) => step.on_error !== 'fallback' || step.fallback, {
        path: ['fallback'],
        message: 'on_error "fallback" needs a fallback',
      }),
  )
  .meta({ id: 'PlanStep' });
export type PlanStep = z.infer<typeof PlanStep>;

/** The steps of one attempt, with an intent; `answer` where no step is needed. */
export const Plan = z.strictObject({
  intent: z.string().max(1000).default(''),
  steps: z.array(PlanStep).max(LIMITS.steps_per_plan),
  answer: z.string().optional(),
});
export type Plan = z.infer<typeof Plan>;

function nameTool(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || 'tool' in value || !('tool_type' in value)) return value;
  const { tool_type, operation, ...rest } = value as Record<string, unknown>;
  return { ...rest, tool: `${String(tool_type)}.${String(operation)}` };
}
