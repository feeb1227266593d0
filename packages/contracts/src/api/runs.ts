import { z } from 'zod';
import { Budget } from '../budget.ts';
import { ConversationId, oneLine, PlanStepId, RunId, StepId, Timestamp } from '../ids.ts';
import { JsonObject } from '../json.ts';
import { LIMITS } from '../limits.ts';
import { Message, RunOptions, RunStatus, Tags } from '../run.ts';
import { StepView } from '../step.ts';
import { PageQuery, pageOf } from './page.ts';

/** `POST /v1/runs`: a question, or messages whose last one asks. */
export const CreateRunRequest = z
  .strictObject({
    question: z.string().trim().min(1).max(LIMITS.question_chars).optional(),
    messages: z.array(Message).min(1).max(200).optional(),
    agent: oneLine(100).optional().meta({ description: 'Who answers; without it, whoever fits' }),
    blueprint: oneLine(100).optional().meta({ description: 'Its supervisor chooses among its agents' }),
    conversation_id: ConversationId.optional().meta({ description: 'What was said before' }),
    budget: Budget.optional(),
    deadline: Timestamp.optional(),
    options: RunOptions.partial().optional(),
    tags: Tags.optional().meta({ description: 'What `GET /v1/usage` counts by' }),
  })
  .refine((body) => (body.question === undefined) !== (body.messages === undefined), {
    message: 'give either question or messages',
    path: ['question'],
  })
  .refine((body) => body.agent === undefined || body.blueprint === undefined, {
    message: 'give either agent or blueprint',
    path: ['blueprint'],
  })
  .meta({ id: 'CreateRunRequest' });
export type CreateRunRequest = z.infer<typeof CreateRunRequest>;

export const RunAccepted = z
  .object({
    id: RunId,
    status: RunStatus,
    events_url: z.string(),
    url: z.string(),
    conversation_id: ConversationId.nullable(),
    parent_run_id: RunId.nullable().meta({ description: 'The run that this one runs again' }),
  })
  .meta({ id: 'RunAccepted' });
export type RunAccepted = z.infer<typeof RunAccepted>;

/** `POST /v1/runs/{id}/rerun`. */
export const RerunQuery = z.strictObject({
  from: z.union([StepId, PlanStepId]).optional().meta({
    description:
      'The step to begin with, `1.load` or `load` for the one of the newest attempt that has it: what does not depend on it is copied. Without it everything runs anew',
  }),
});
export const RerunRequest = z
  .strictObject({
    args: JsonObject.optional().meta({
      description:
        'Arguments of that step in place of those that were planned; they may refer to steps that are copied',
    }),
  })
  .meta({ id: 'RerunRequest' });
export type RerunRequest = z.infer<typeof RerunRequest>;

export const RunListItem = z.object({
  id: RunId,
  status: RunStatus,
  question: z.string(),
  agent: z.string().nullable(),
  planner: z.string().nullable(),
  cost_usd: z.number().nullable().meta({ description: 'null: a model that was called has no known price' }),
  created_at: Timestamp,
  ended_at: Timestamp.nullable(),
});
export type RunListItem = z.infer<typeof RunListItem>;
export const RunPage = pageOf(RunListItem).meta({ id: 'RunPage' });

export const ListRunsQuery = PageQuery.extend({
  status: RunStatus.optional().meta({
    description: 'Of one that open runs have a page may hold fewer than `limit`: go on by `next_cursor`',
  }),
  agent: oneLine(100).optional(),
  text: z.string().max(200).optional(),
  from: Timestamp.optional(),
  to: Timestamp.optional(),
});
export type ListRunsQuery = z.infer<typeof ListRunsQuery>;

/** Without results: one step at a time carries its own. */
export const StepPage = pageOf(StepView).meta({ id: 'StepPage' });

export const DecideStepRequest = z.strictObject({
  comment: z.string().max(2000).optional(),
  call: oneLine(100).optional().meta({
    description: '`call` of the approval that is decided: 409 where the step asks about another by now',
  }),
});
export type DecideStepRequest = z.infer<typeof DecideStepRequest>;

/** `POST /v1/runs/{id}/steps/{step}/approve`. */
export const ApproveStepRequest = DecideStepRequest.extend({
  args: JsonObject.optional().meta({
    description:
      'In place of those the step asked with: values, all of them, that fit the tool’s input schema',
  }),
}).meta({ id: 'ApproveStepRequest' });
export type ApproveStepRequest = z.infer<typeof ApproveStepRequest>;
