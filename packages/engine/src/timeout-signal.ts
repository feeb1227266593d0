import { LONGEST_TIMER_MS } from '@planyard/contracts';

/** Aborts after a time that a caller may have chosen; after 24.8 days at the latest, which no phase lasts. */
export function timeoutSignal(ms: number): AbortSignal {
  return AbortSignal.timeout(Math.min(LONGEST_TIMER_MS, Math.max(1, ms)));
}
