/** Node's timers hold no longer time: a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Aborts after a time that a caller may have chosen; after 24.8 days at the latest, which no phase lasts. */
export function timeoutSignal(ms: number): AbortSignal {
  return AbortSignal.timeout(Math.min(LONGEST_MS, Math.max(1, ms)));
}
