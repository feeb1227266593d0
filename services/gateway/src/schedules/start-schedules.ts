import type { ScheduleId } from '@planyard/contracts';
import type { Connection } from '@planyard/engine';
import { connectRedis, type Logger, repeat } from '@planyard/runtime';
import { within } from '../http/within.ts';
import type { AcceptRunDeps } from '../runs/accept-run.ts';
import { fireSchedule } from './fire-schedule.ts';
import { reconcileSchedules } from './reconcile-schedules.ts';
import { createScheduleQueue, type ScheduleQueue, takeDueTimes } from './schedule-queue.ts';

export interface Schedules extends ScheduleQueue {
  /** Stops taking times that are due, finishes those under way within the grace time. */
  stop(graceMs: number): Promise<void>;
}

/** Takes the times of schedules that are due, and keeps Redis as Postgres says: at once, and then each `reconcileMs`. */
export function startSchedules(
  deps: AcceptRunDeps & {
    redis: Connection;
    redisUrl: string;
    namespace: string;
    reconcileMs: number;
    log: Logger;
  },
): Schedules {
  const { namespace, log } = deps;
  const queue = createScheduleQueue(deps.redis, namespace, log);
  const workerRedis = connectRedis({ url: deps.redisUrl, role: 'worker', name: 'gateway-schedule', log });
  const fire = (id: ScheduleId, dueMs: number, last: boolean) =>
    fireSchedule({ ...deps, schedules: queue }, { id, dueMs, last, log: log.child({ schedule_id: id }) });
  const worker = takeDueTimes(workerRedis, namespace, log, fire);
  const loop = repeat('schedules', deps.reconcileMs, log, async () => {
    const restored = await reconcileSchedules({
      ...deps,
      schedules: queue,
      fire: (id, dueMs) => fire(id, dueMs, true),
    });
    if (restored > 0) log.info({ restored }, 'schedules restored');
  });
  return {
    ...queue,
    async stop(graceMs) {
      // A pass that waits for Redis ends when its connection does.
      await Promise.all([worker.close(graceMs), within(graceMs, 'Redis', loop.stop()).catch(() => {})]);
      workerRedis.disconnect();
    },
  };
}
