import { LIMITS, PlanyardError, type ScheduleId, toPlanyardError } from '@planyard/contracts';
import type { Logger } from '@planyard/runtime';
import { findAnySchedule, isKeyValid, noteFired, pauseSchedule } from '@planyard/store';
import { type AcceptRunDeps, acceptRun } from '../runs/accept-run.ts';
import { lastTime } from './cron-times.ts';
import type { ScheduleQueue } from './schedule-queue.ts';

export interface FireScheduleDeps extends AcceptRunDeps {
  schedules: Pick<ScheduleQueue, 'remove'>;
}

/**
 * Starts the run of a time that was due. Repeating it, here or in another gateway, starts no second one: the run has the
 * time as its idempotency key. Of several times that were missed the last one is served. Throws what a later try can mend.
 */
export async function fireSchedule(
  deps: FireScheduleDeps,
  { id, dueMs, last, log }: { id: ScheduleId; dueMs: number; last: boolean; log: Logger },
): Promise<void> {
  const schedule = await findAnySchedule(deps.db, id);
  // Paused or deleted while Redis could not be told.
  if (!schedule || schedule.paused_because !== null) return await deps.schedules.remove(id);
  const { caller, request } = schedule;
  if (!(await isKeyValid(deps.db, caller.tenant, caller.key_id, new Date(deps.now())))) {
    log.warn({ schedule_id: id, user: caller.user }, 'the key of a schedule is no longer valid: it pauses');
    await pauseSchedule(deps.db, id, 'key_invalid');
    return await deps.schedules.remove(id);
  }
  // The clock of this process may be a little behind that of the one which made the time due.
  const at = new Date(Math.max(dueMs, lastTime(schedule, deps.now())));
  const { composition, question, tags = [], ...rest } = request;
  const started = await acceptRun(deps, {
    body: {
      ...rest,
      question:
        question ??
        `${composition?.name} ${JSON.stringify(composition?.parameters)}`.slice(0, LIMITS.question_chars),
      tags: [...tags, `schedule:${id}`],
    },
    ...(composition ? { composition } : {}),
    caller,
    scheduleId: id,
    requestId: `${id}.${at.getTime()}`,
    idempotencyKey: `schedule:${id}:${at.toISOString()}`,
    log,
  }).catch((error: unknown) => toPlanyardError(error));
  if (!(started instanceof PlanyardError))
    return await noteFired(deps.db, id, { at, run: started.run.id, error: null });
  if (started.retryable && !last) throw started;
  log.error({ err: started, schedule_id: id }, 'a schedule could not start its run');
  await noteFired(deps.db, id, { at, run: null, error: started.toBody() });
}
