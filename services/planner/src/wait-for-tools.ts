import { setTimeout as wait } from 'node:timers/promises';
import type { ToolManifest } from '@planyard/contracts';

const PATIENCE_MS = 10_000;
const POLL_MS = 250;

/** The tools on offer; while there is none (workers are starting), waits a little. Empty when nobody comes. */
export async function waitForTools(
  list: () => Promise<ToolManifest[]>,
  signal: AbortSignal,
): Promise<ToolManifest[]> {
  for (let waited = 0; ; waited += POLL_MS) {
    const tools = await list();
    if (tools.length > 0 || waited >= PATIENCE_MS) return tools;
    await wait(POLL_MS, undefined, { signal });
  }
}
