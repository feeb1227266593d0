import { z } from 'zod';
import { RunId, ScheduleId, StepId } from './ids.ts';
import type { ToolClass } from './manifest.ts';

/** `tool-solo` runs a step alone in a process: where steps go that were running in two crashes. */
export const QueueName = z.enum(['plan', 'tool-io', 'tool-model', 'tool-sandbox', 'tool-solo', 'result']);
export type QueueName = z.infer<typeof QueueName>;
export const QUEUE_NAMES = QueueName.options;

export function toolQueue(toolClass: ToolClass): QueueName {
  return `tool-${toolClass}`;
}

/** Which release of the step or phase this is; a job of an older one is refused. */
const delivery = z.int();
const ofRun = z.object({ run_id: RunId, incarnation: z.int(), request_id: z.string() });
const job = ofRun.extend({ delivery });

export const PlanRunJob = job.meta({ id: 'PlanRunJob' });
export type PlanRunJob = z.infer<typeof PlanRunJob>;
export const JoinRunJob = job.meta({ id: 'JoinRunJob' });
export type JoinRunJob = z.infer<typeof JoinRunJob>;
/** Steps that were released together share a job. */
export const RunStepJob = ofRun
  .extend({ steps: z.array(z.object({ step: StepId, delivery })).min(1) })
  .meta({ id: 'RunStepJob' });
export type RunStepJob = z.infer<typeof RunStepJob>;
export const PersistRunJob = job.meta({ id: 'PersistRunJob' });
export type PersistRunJob = z.infer<typeof PersistRunJob>;

/** A time of a schedule has come. Its queue lies outside every partition: only gateways take from it, and only they accept runs. */
export const SCHEDULE_QUEUE = 'schedule';
export const FireScheduleJob = z.object({ schedule_id: ScheduleId }).meta({ id: 'FireScheduleJob' });
export type FireScheduleJob = z.infer<typeof FireScheduleJob>;

/** The job catalogue: what travels on which queue. */
export const JOBS = {
  'plan-run': PlanRunJob,
  'join-run': JoinRunJob,
  'run-step': RunStepJob,
  'persist-run': PersistRunJob,
  'fire-schedule': FireScheduleJob,
} as const;
export type JobName = keyof typeof JOBS;
