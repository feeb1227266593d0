import { z } from 'zod';
import { Usage } from './budget.ts';
import { ErrorBody } from './errors.ts';
import { RunId, StepId, Timestamp } from './ids.ts';
import { Json } from './json.ts';
import { ToolEffects } from './manifest.ts';
import { ToolName } from './plan.ts';
import { PlanSource } from './plan-info.ts';
import { TerminalStatus } from './run.ts';
import { CitedRecord, RefusedStep, StepReason } from './step.ts';

/** One call of a model: what it was for, what it used, how it ended. */
export const ModelCall = z
  .object({
    purpose: z.enum(['route', 'plan', 'repair', 'join', 'summary', 'tool', 'chat', 'embed', 'test']),
    provider: z.string(),
    model: z.string(),
    agent: z.string().nullable(),
    status: z.enum(['ok', 'error', 'cancelled']),
    usage: Usage,
    cost_usd: z.number().nullable().meta({ description: 'null: the model has no known price' }),
    started_at: Timestamp,
    duration_ms: z.number(),
    first_token_ms: z.number().nullable(),
    request_id: z.string(),
    prompt: z.string().nullable().default(null).meta({ description: 'Name and version of the prompt' }),
    error: ErrorBody.nullable().default(null),
    content: z
      .object({ input: z.string(), output: z.string() })
      .optional()
      .meta({ description: 'What was said, without secrets; only where it is configured' }),
    cached: z.boolean().optional().meta({ description: 'From the cache: no provider was asked' }),
  })
  .meta({ id: 'ModelCall' });
export type ModelCall = z.infer<typeof ModelCall>;

const step = z.object({ step: StepId });
const attempt = z.object({ attempt: z.int() });
const ended = z.object({ status: TerminalStatus, error: ErrorBody.nullable() });

/** The data of every event, by its type. */
export const EVENT_DATA = {
  'run.accepted': z.object({
    question: z.string(),
    agent: z.string().nullable(),
    conversation_id: z.string().nullable().optional(),
    parent_run_id: RunId.optional(),
  }),
  'plan.started': attempt.extend({
    reason: z.enum(['first', 'replan', 'restart']),
    planner: z.string().nullable(),
    agent: z.string().nullable().default(null),
  }),
  'step.added': step.extend({
    tool: ToolName,
    purpose: z.string(),
    depends_on: z.array(StepId),
    copied_from: RunId.optional(),
  }),
  'plan.sealed': attempt.extend({
    intent: z.string(),
    steps: z.int(),
    refused: z.array(RefusedStep).optional(),
    source: PlanSource.optional(),
  }),
  'step.queued': step.extend({ try: z.int(), delay_ms: z.number().optional() }),
  'step.started': step.extend({ try: z.int(), worker: z.string() }),
  'step.progress': step.extend({ message: z.string(), percent: z.number().nullable() }),
  'step.completed': step.extend({
    tool: ToolName,
    cached: z.boolean(),
    duration_ms: z.number(),
    bytes: z.int(),
    count: z.int().nullable(),
    records: z.array(CitedRecord),
  }),
  'step.failed': step.extend({
    tool: ToolName,
    error: ErrorBody,
    will: z.enum(['end', 'retry', 'fallback']),
    delay_ms: z.number().optional(),
  }),
  'step.skipped': step.extend({ reason: StepReason }),
  'step.aborted': step.extend({ reason: StepReason }),
  'step.awaiting_approval': step.extend({
    tool: ToolName,
    args: Json,
    effects: ToolEffects,
    expires_at: Timestamp,
    call: z.string().meta({ description: 'Names the call that is asked about' }),
  }),
  'step.approved': step.extend({
    by: z.string(),
    comment: z.string().nullable(),
    edited: z.boolean(),
    args: Json.optional().meta({ description: 'Where they were edited: as the tool will get them' }),
  }),
  'model.called': ModelCall,
  'answer.started': attempt,
  'answer.delta': attempt.extend({ text: z.string() }),
  'answer.completed': attempt.extend({ text: z.string() }),
  'run.completed': ended,
  'run.partial': ended,
  'run.failed': ended,
  'run.cancelled': ended,
} as const;

export type EventType = keyof typeof EVENT_DATA;
export const EVENT_TYPES = Object.keys(EVENT_DATA) as [EventType, ...EventType[]];
export type EventData<T extends EventType> = z.infer<(typeof EVENT_DATA)[T]>;

/** An event of a run: `number` counts from 1 within the run and never goes back. */
export type RunEvent = {
  [T in EventType]: { number: number; at: string; type: T; data: EventData<T> };
}[EventType];

export const RunEvent = z
  .object({ number: z.int(), at: Timestamp, type: z.enum(EVENT_TYPES), data: z.json() })
  .meta({ id: 'RunEvent' });

export function isRunEnd(type: EventType): boolean {
  return (
    type === 'run.completed' || type === 'run.partial' || type === 'run.failed' || type === 'run.cancelled'
  );
}
