import { z } from 'zod';
import { Budget } from '../budget.ts';
import { CompositionName } from '../composition.ts';
import { ErrorBody } from '../errors.ts';
import { oneLine, RunId, ScheduleId, Timestamp } from '../ids.ts';
import { JsonObject } from '../json.ts';
import { LIMITS } from '../limits.ts';
import { RunOptions, Tags } from '../run.ts';
import { PageQuery, pageOf } from './page.ts';

/** `POST /v1/schedules`: a question or a composition, again and again. */
export const CreateScheduleRequest = z
  .strictObject({
    name: oneLine(100).default(''),
    cron: z.string().trim().min(1).max(200).meta({
      description: 'Minute, hour, day of month, month, day of week; a sixth field in front counts seconds',
      example: '0 8 * * 1-5',
    }),
    timezone: z.string().min(1).max(100).default('UTC').meta({ example: 'Europe/Berlin' }),
    question: z.string().trim().min(1).max(LIMITS.question_chars).optional(),
    agent: oneLine(100).optional(),
    blueprint: oneLine(100).optional(),
    composition: z.strictObject({ name: CompositionName, parameters: JsonObject.default({}) }).optional(),
    budget: Budget.optional(),
    options: RunOptions.partial().optional(),
    tags: Tags.max(9).optional(),
  })
  .refine((body) => (body.question === undefined) !== (body.composition === undefined), {
    message: 'give either question or composition',
    path: ['question'],
  })
  .refine((body) => body.agent === undefined || body.blueprint === undefined, {
    message: 'give either agent or blueprint',
    path: ['blueprint'],
  })
  .refine((body) => body.composition === undefined || (body.agent ?? body.blueprint) === undefined, {
    message: 'a composition is run without an agent',
    path: ['composition'],
  })
  .meta({ id: 'CreateScheduleRequest' });
export type CreateScheduleRequest = z.infer<typeof CreateScheduleRequest>;

/** What a schedule asks, each time. */
export const ScheduledRequest = z.object({
  question: z.string().optional(),
  agent: z.string().optional(),
  blueprint: z.string().optional(),
  composition: z.object({ name: z.string(), parameters: JsonObject }).optional(),
  budget: Budget.optional(),
  options: RunOptions.partial().optional(),
  tags: Tags.optional(),
});
export type ScheduledRequest = z.infer<typeof ScheduledRequest>;

export const Schedule = z
  .object({
    id: ScheduleId,
    name: z.string(),
    cron: z.string(),
    timezone: z.string(),
    request: ScheduledRequest,
    user: z.string().meta({ description: 'Its runs are this user’s' }),
    status: z.enum(['active', 'paused']),
    paused_because: z
      .enum(['user', 'key_invalid'])
      .nullable()
      .meta({ description: '`key_invalid`: the key that made it was revoked or has expired' }),
    created_at: Timestamp,
    last_fired_at: Timestamp.nullable().meta({
      description: 'The time that was due, not when it was served',
    }),
    last_run_id: RunId.nullable(),
    last_error: ErrorBody.nullable().meta({ description: 'Why the last time started no run' }),
    next_runs: z.array(Timestamp).meta({ description: 'The next five times; none while it is paused' }),
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof Schedule>;
export const SchedulePage = pageOf(Schedule).meta({ id: 'SchedulePage' });

export const ListSchedulesQuery = PageQuery;
