import type { BegunStep } from '@planyard/engine';
import type { Logger } from '@planyard/runtime';

/** A logger whose lines say which step of which run they are about. */
export function stepLog(log: Logger, { request_id, run_id, step, tool }: BegunStep): Logger {
  return log.child({ request_id, run_id, step_id: step, tool });
}
