import { randomBytes } from 'node:crypto';
import { z } from 'zod';

export const RunId = z
  .string()
  .regex(/^run_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, 'not a run id')
  .meta({ id: 'RunId', example: 'run_0193a1b2-7c00-7abc-8def-0123456789ab' });
export type RunId = z.infer<typeof RunId>;

/** The id a planner gives a step, unique in its plan. */
export const PlanStepId = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'letters, digits, _ and -; 64 at most');
export type PlanStepId = z.infer<typeof PlanStepId>;

/** A step's id in its run: `attempt.id`, such as `1.owner`. */
export const StepId = z
  .string()
  .regex(/^[1-9][0-9]{0,3}\.[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'not a step id')
  .meta({ id: 'StepId', example: '1.owner' });
export type StepId = z.infer<typeof StepId>;

/** A conversation's id: `conv_` and a UUIDv7. */
export const ConversationId = z
  .string()
  .regex(
    /^conv_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    'not a conversation id',
  )
  .meta({ id: 'ConversationId', example: 'conv_0193a1b2-7c00-7abc-8def-0123456789ab' });
export type ConversationId = z.infer<typeof ConversationId>;

/** A schedule's id: `sched_` and a UUIDv7. */
export const ScheduleId = z
  .string()
  .regex(/^sched_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, 'not a schedule id')
  .meta({ id: 'ScheduleId', example: 'sched_0193a1b2-7c00-7abc-8def-0123456789ab' });
export type ScheduleId = z.infer<typeof ScheduleId>;

export const RequestId = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/, 'letters, digits, . _ -; 128 at most');

/** A short text that people name things with: no line breaks, NUL or half characters, which logs and Postgres cannot hold. */
export const oneLine = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'no control characters');

const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/** Postgres refuses the other years that ISO 8601 can write. */
export const Timestamp = z.iso
  .datetime({ offset: true, abort: true, error: 'must be a time such as 2026-11-20T10:00:00Z' })
  .refine(
    (written) => {
      const at = Date.parse(written);
      return at >= earliest && at <= latest;
    },
    { error: 'must lie in the years 0001 to 9999 of UTC' },
  )
  .meta({ example: '2026-11-20T10:00:00.000Z' });

export function stepId(attempt: number, id: PlanStepId): StepId {
  return `${attempt}.${id}`;
}

/** The attempt of a stored step id: 2 for `2.owner`. */
export function attemptOf(id: StepId): number {
  return Number(id.slice(0, id.indexOf('.')));
}

/** A UUIDv7 (RFC 9562 §5.7) for the given time in milliseconds since the epoch. */
export function uuidv7(nowMs: number, random: (size: number) => Uint8Array = randomBytes): string {
  const bytes = Buffer.from(random(16));
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function newConversationId(nowMs: number, random?: (size: number) => Uint8Array): ConversationId {
  return `conv_${uuidv7(nowMs, random)}`;
}

export function newScheduleId(nowMs: number, random?: (size: number) => Uint8Array): ScheduleId {
  return `sched_${uuidv7(nowMs, random)}`;
}

export function newRunId(nowMs: number, random?: (size: number) => Uint8Array): RunId {
  return `run_${uuidv7(nowMs, random)}`;
}
