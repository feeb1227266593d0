import { z } from 'zod';
import { Budget } from './budget.ts';
import { ErrorBody } from './errors.ts';
import { RunId, ScheduleId, StepId, Timestamp } from './ids.ts';
import { JsonObject } from './json.ts';
import { PlanInfo } from './plan-info.ts';

export const TERMINAL_STATUSES = ['completed', 'partial', 'failed', 'cancelled'] as const;
export const OPEN_STATUSES = ['accepted', 'planning', 'executing', 'joining'] as const;
export const TerminalStatus = z.enum(TERMINAL_STATUSES);
export type TerminalStatus = z.infer<typeof TerminalStatus>;
export const RunStatus = z.enum([...OPEN_STATUSES, ...TERMINAL_STATUSES]).meta({ id: 'RunStatus' });
export type RunStatus = z.infer<typeof RunStatus>;

export function isTerminal(status: RunStatus): status is TerminalStatus {
  return (TERMINAL_STATUSES as readonly string[]).includes(status);
}

const TextPart = z.strictObject({ type: z.literal('text'), text: z.string().max(200_000) });
const ImagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: z.string() }),
});

export const Message = z
  .strictObject({
    role: z.enum(['system', 'user', 'assistant']),
    content: z.union([
      z.string().max(200_000),
      z
        .array(z.discriminatedUnion('type', [TextPart, ImagePart]))
        .min(1)
        .max(100),
    ]),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

export const SelectorStrategy = z.enum(['fastest', 'most_accurate', 'most_complete', 'least_load']);
export type SelectorStrategy = z.infer<typeof SelectorStrategy>;

/** Versions of prompts by their names, such as `{"plan": "1"}`. */
const PromptPins = z
  .record(z.string().max(100), z.string().max(64))
  .refine((pins) => Object.keys(pins).length <= 20, '20 prompts at most')
  .meta({ description: 'Versions of prompts, instead of the current ones: `{"plan": "1"}`' });

/** Parts that can be switched off or chosen for one run. */
export const RunOptions = z
  .strictObject({
    cache: z.boolean().default(true),
    selector: z.boolean().default(true),
    plan_cache: z
      .boolean()
      .default(true)
      .meta({ description: 'false: no kept plan is taken, and this one is not kept' }),
    compositions: z
      .boolean()
      .default(true)
      .meta({ description: 'false: no composition is offered to the planner' }),
    trace: z.boolean().default(true).meta({
      description: 'false: no events of plans and steps, only what the run and its answer come to',
    }),
    strategy: SelectorStrategy.optional(),
    prompts: PromptPins.optional(),
    max_attempts: z
      .int()
      .min(1)
      .max(5)
      .optional()
      .meta({ description: 'Plans at most; the agent’s without' }),
    priority: z
      .int()
      .min(0)
      .max(9)
      .default(0)
      .meta({ description: 'Steps of runs with a higher number wait behind those of a lower one' }),
  })
  .meta({ id: 'RunOptions' });
export type RunOptions = z.infer<typeof RunOptions>;

/** Who asks: the wall and the meter of a run. */
export const Caller = z.object({ tenant: z.string(), user: z.string(), key_id: z.string() });
export type Caller = z.infer<typeof Caller>;

/** Who asks for what is everybody's, such as vectors of tools: no key's limits or budgets count it, and usage tells it to the operator's tenant. */
export const HOUSE: Caller = { tenant: 'default', user: 'planyard', key_id: 'planyard' };

/** Names that usage is counted by. */
export const Tags = z
  .array(z.string().regex(/^[\w.:@/-]{1,64}$/, 'letters, digits and _ . : @ / -; 64 at most'))
  .max(10);

/** Which run is run again, and from which step; null: from its first one. */
export const RerunOf = z.object({
  run_id: RunId,
  from: StepId.nullable(),
  /** Of the step it begins with, in place of those that were planned. */
  args: JsonObject.nullable(),
  /** The last attempt of that run. The first one of this run has its number, so that the ids of steps hold. */
  attempt: z.int().min(1),
});
export type RerunOf = z.infer<typeof RerunOf>;

/** What was asked: written to Postgres when the run is accepted, enough to rebuild the run from nothing. */
export const RunRequest = z.object({
  question: z.string(),
  messages: z.array(Message).default([]),
  agent: z.string().nullable().default(null),
  /** Its supervisor chooses the agent. */
  blueprint: z.string().nullable().default(null),
  /** Expanded into steps, without a model. */
  composition: z.object({ name: z.string(), parameters: JsonObject }).nullable().default(null),
  /** Takes over the plan of another run, without a model. */
  rerun: RerunOf.nullable().default(null),
  /** What asks it again and again. */
  schedule_id: ScheduleId.nullable().default(null),
  /** Earlier runs of it are what was said before. */
  conversation_id: z.string().nullable().default(null),
  budget: Budget.default({}),
  deadline: Timestamp.nullable().default(null),
  options: RunOptions,
  /** What usage is counted by. */
  tags: Tags.default([]),
});
export type RunRequest = z.infer<typeof RunRequest>;

export const RunRecord = z.object({
  id: RunId,
  incarnation: z.int(),
  partition: z.int(),
  caller: Caller,
  request_id: z.string(),
  request: RunRequest,
  status: RunStatus,
  created_at: Timestamp,
});
export type RunRecord = z.infer<typeof RunRecord>;

/** How a run ended, as the planner decided it; becomes the run's status when the archive holds it. */
export const RunOutcome = z.object({
  status: TerminalStatus,
  answer: z.string().nullable(),
  citations: z.array(z.object({ step: z.string(), record_id: z.string().optional() })).default([]),
  /** What is missing from a partial answer, and why. */
  missing: z.array(z.string()).default([]),
  planner: z.string().nullable(),
  error: ErrorBody.nullable(),
  /** Of a run that ended because no plan could be made. */
  plan: PlanInfo.optional(),
});
export type RunOutcome = z.infer<typeof RunOutcome>;
