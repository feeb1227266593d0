import { isRunEnd } from '@planyard/contracts';
import { type RunEventsDeps, runEvents } from './run-events.ts';

/** Longest wait that `Prefer: wait` can ask for, in seconds. */
const longestWaitS = 300;

/** The seconds of `Prefer: wait=N` (RFC 7240), at most 300; null without one. */
export function waitOf(prefer: string | undefined): number | null {
  const match = /(?:^|,)\s*wait\s*=\s*"?([0-9]{1,6})"?\s*(?:;|,|$)/i.exec(prefer ?? '');
  return match ? Math.min(Number(match[1]), longestWaitS) : null;
}

/** Whether the run ended within the time; false also when the client has left. */
export async function waitForEnd(
  deps: RunEventsDeps,
  run: { tenant: string; id: string },
  seconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
  for await (const event of runEvents(deps, run, 0, enough)) if (isRunEnd(event.type)) return true;
  return false;
}
