import { setTimeout as wait } from 'node:timers/promises';
import type { OfferedTools } from '@planyard/engine';

const PATIENCE_MS = 10_000;
const POLL_MS = 250;

/** The tools on offer; while there is none (workers are starting), waits a little. Empty when nobody comes. */
export async function waitForTools(
  offered: () => Promise<OfferedTools>,
  signal: AbortSignal,
): Promise<OfferedTools> {
  for (let waited = 0; ; waited += POLL_MS) {
    const now = await offered();
    if (now.tools.length > 0 || waited >= PATIENCE_MS) return now;
    await wait(POLL_MS, undefined, { signal });
  }
}
