import type { ScheduleId } from '@planyard/contracts';
import { type Executor, listActiveSchedules } from '@planyard/store';
import { lastTime } from './cron-times.ts';
import type { ScheduleQueue } from './schedule-queue.ts';

export interface ReconcileSchedulesDeps {
  db: Executor;
  schedules: Pick<ScheduleQueue, 'add' | 'remove' | 'list'>;
  /** See fire-schedule.ts. */
  fire(id: ScheduleId, dueMs: number): Promise<void>;
  now: () => number;
}

const PAGE = 500;
/** A time that nobody took for so long has lost its job. */
const STUCK_MS = 300_000;

/**
 * Makes due in Redis what Postgres holds as active, and nothing else: after Redis has lost its data, or was away when a
 * schedule was changed. A time that passed meanwhile is served now, once. Returns how many were restored.
 */
export async function reconcileSchedules({
  db,
  schedules,
  fire,
  now,
}: ReconcileSchedulesDeps): Promise<number> {
  const due = await schedules.list();
  let restored = 0;
  let after: ScheduleId | '' = '';
  for (;;) {
    const page = await listActiveSchedules(db, { after, limit: PAGE });
    for (const schedule of page) {
      const next = due.get(schedule.id);
      due.delete(schedule.id);
      if (next !== undefined && next > now() - STUCK_MS) continue;
      await schedules.add(schedule);
      restored += 1;
      const missed = lastTime(schedule, now());
      if (
        missed > Date.parse(schedule.last_fired_at ?? schedule.active_since) &&
        missed > Date.parse(schedule.active_since)
      )
        await fire(schedule.id, missed);
    }
    if (page.length < PAGE) break;
    after = page.at(-1)?.id ?? '';
  }
  for (const id of due.keys()) await schedules.remove(id);
  return restored;
}
