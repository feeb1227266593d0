import { z } from 'zod';
import { Usage } from './budget.ts';
import { ErrorBody, ErrorCodeSchema } from './errors.ts';
import { RunId, StepId, Timestamp } from './ids.ts';
import { Json, JsonObject } from './json.ts';
import { ToolClass, ToolEffects } from './manifest.ts';
import { PlanStep, StepTimeout, ToolName } from './plan.ts';

export const StepStatus = z.enum([
  'pending',
  'queued',
  'running',
  'awaiting_approval',
  'completed',
  'failed',
  'skipped',
  'aborted',
]);
export type StepStatus = z.infer<typeof StepStatus>;

/** Why a step was skipped or aborted. */
export const StepReason = z.enum([
  'condition',
  'dependency_failed',
  'dependency_aborted',
  'cancelled',
  'deadline',
  'fail_fast',
  'superseded',
  'user',
  'run_ended',
]);
export type StepReason = z.infer<typeof StepReason>;

/** What the engine needs of a tool to dispatch a step of it. */
export const Dispatch = z.object({
  class: ToolClass,
  timeout_ms: StepTimeout,
  max_tries: z.int(),
  max_in_flight: z.int().optional(),
});
export type Dispatch = z.infer<typeof Dispatch>;

/** A validated step on its way into the graph: references resolved to stored step ids, dispatch taken from the manifest. */
export const AdmittedStep = z.object({
  id: StepId,
  spec: PlanStep,
  /** Steps whose results this one reads (from `args`, `when` and `fallback`). */
  data_deps: z.array(StepId),
  /** Steps that must be over first. */
  after_deps: z.array(StepId),
  /** Of `after_deps` those whose results it reads where there are some: one that its condition skipped reads as null. */
  optional_deps: z.array(StepId).optional(),
  dispatch: Dispatch,
  fallback_dispatch: Dispatch.optional(),
});
export type AdmittedStep = z.infer<typeof AdmittedStep>;

/** A step that was planned and is not in the graph: refused, sent back to the planner, and not mended. */
export const RefusedStep = z
  .object({
    step: z.string().meta({ description: 'Its id as planned; empty for the plan as a whole' }),
    code: ErrorCodeSchema,
    message: z.string(),
  })
  .meta({ id: 'RefusedStep' });
export type RefusedStep = z.infer<typeof RefusedStep>;

/** A record a result speaks of: what citations point at. */
export const CitedRecord = z
  .object({ type: z.string(), id: z.string(), title: z.string() })
  .meta({ id: 'CitedRecord' });
export type CitedRecord = z.infer<typeof CitedRecord>;

/** A step's result as it lies in Redis: the value, or a reference to the Postgres row (run, step, epoch) that holds it. */
export const StoredResult = z.object({
  value: Json.optional(),
  stored: z.object({ epoch: z.int() }).optional(),
  bytes: z.int(),
  count: z.int().nullable(),
  records: z.array(CitedRecord).default([]),
});
export type StoredResult = z.infer<typeof StoredResult>;

/** That a step asked a person, and what was decided. `bound_args` are the arguments in question. */
export const StepApproval = z
  .object({
    effects: ToolEffects,
    expires_at: Timestamp,
    call: z.string().meta({ description: 'Names the call that is asked about' }),
    decision: z
      .enum(['approved', 'rejected', 'expired'])
      .nullable()
      .meta({ description: 'null: nobody has decided yet' }),
    by: z.string().nullable().meta({ description: 'The user who decided' }),
    at: Timestamp.nullable(),
    comment: z.string().nullable(),
    edited: z.boolean().meta({ description: 'Other arguments were approved than the step asked with' }),
  })
  .meta({ id: 'StepApproval' });
export type StepApproval = z.infer<typeof StepApproval>;

/** A step as the API and the archive show it. */
export const StepView = z
  .object({
    id: StepId,
    attempt: z.int(),
    tool: ToolName,
    purpose: z.string(),
    status: StepStatus,
    reason: StepReason.nullable(),
    depends_on: z.array(StepId),
    args: JsonObject.meta({ description: 'As planned, with references' }),
    bound_args: JsonObject.nullable().meta({ description: 'As the tool got them' }),
    queued_at: Timestamp.nullable(),
    started_at: Timestamp.nullable(),
    ended_at: Timestamp.nullable(),
    cached: z.boolean(),
    copied_from: RunId.nullable().meta({
      description: 'The run that it was executed in, where that is another',
    }),
    attempts: z.int().meta({ description: 'Times it began' }),
    retries: z.int().meta({ description: 'Tries after one that failed' }),
    fallback_used: z.boolean(),
    usage: Usage.nullable(),
    cost_usd: z.number(),
    result_bytes: z.int().nullable(),
    result_count: z.int().nullable(),
    records: z.array(CitedRecord),
    approval: StepApproval.nullable(),
    result: Json.optional(),
    error: ErrorBody.nullable(),
  })
  .meta({ id: 'Step' });
export type StepView = z.infer<typeof StepView>;
