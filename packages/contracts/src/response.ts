import { z } from 'zod';
import { BudgetReport, Usage } from './budget.ts';
import { ErrorBody } from './errors.ts';
import { ConversationId, RunId, ScheduleId, StepId, Timestamp } from './ids.ts';
import { PlanSource } from './plan-info.ts';
import { RunStatus } from './run.ts';
import { CitedRecord, StepReason, StepStatus } from './step.ts';

/** Evidence: the step it came from and, where one record carries it, that record. */
export const Citation = z
  .object({ step: StepId, tool: z.string(), record: CitedRecord.nullable() })
  .meta({ id: 'Citation' });
export type Citation = z.infer<typeof Citation>;

export const StepSummary = z.object({
  id: StepId,
  tool: z.string(),
  purpose: z.string(),
  status: StepStatus,
  reason: StepReason.nullable(),
  duration_ms: z.number().nullable(),
  cost_usd: z.number(),
  cached: z.boolean(),
  copied_from: RunId.nullable(),
  error: ErrorBody.nullable(),
});
export type StepSummary = z.infer<typeof StepSummary>;

export const ModelUsage = z.object({
  provider: z.string(),
  model: z.string(),
  calls: z.int(),
  usage: Usage,
  cost_usd: z.number().nullable(),
});
export type ModelUsage = z.infer<typeof ModelUsage>;

/** A version of a prompt that was sent to a model. */
export const UsedPrompt = z.object({ name: z.string(), version: z.string() });
export type UsedPrompt = z.infer<typeof UsedPrompt>;

/** A run as its caller sees it, at any moment. */
export const RunResponse = z
  .object({
    id: RunId,
    status: RunStatus,
    question: z.string(),
    agent: z.string().nullable().meta({ description: 'Who answered; null for the rules without one' }),
    conversation_id: ConversationId.nullable(),
    schedule_id: ScheduleId.nullable(),
    parent_run_id: RunId.nullable().meta({ description: 'The run that this one runs again' }),
    answer: z.string().nullable(),
    partial: z.boolean(),
    missing: z.array(z.string()).meta({ description: 'What a partial answer lacks, and why' }),
    citations: z.array(Citation),
    steps: z.array(StepSummary),
    usage: z.object({
      models: z.array(ModelUsage),
      cost_usd: z
        .number()
        .nullable()
        .meta({ description: 'null: a model that was called has no known price' }),
    }),
    prompts: z.array(UsedPrompt).meta({
      description: 'What the models were told, in the order of first use; empty while the run is open',
    }),
    budget: BudgetReport,
    plan_source: PlanSource.nullable().meta({
      description: 'Where the first plan came from; `cache`, `similar`: from an earlier run',
    }),
    planner: z.string().nullable().meta({ description: '`rules`, or the model that planned' }),
    sample_data: z.boolean().meta({ description: 'The answer is about the sample inventory' }),
    timings: z.object({
      created_at: Timestamp,
      ended_at: Timestamp.nullable(),
      total_ms: z.number(),
      planning_ms: z.number(),
      executing_ms: z.number(),
      joining_ms: z.number(),
      sequential_ms: z
        .number()
        .meta({ description: 'What the steps took together: their time had they run one by one' }),
    }),
    request_id: z.string(),
    error: ErrorBody.nullable(),
  })
  .meta({ id: 'Run' });
export type RunResponse = z.infer<typeof RunResponse>;
