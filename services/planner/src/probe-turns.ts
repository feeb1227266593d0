import type { ToolName } from '@planyard/contracts';

/** As long as a tool rests before it may be tried. */
const EVERY_MS = 15_000;

/** Gives a tool's trial to one attempt in a while: true for the first who asks, then for nobody until the time has passed. */
export function createProbeTurns(now: () => number): (tool: ToolName) => boolean {
  const given = new Map<ToolName, number>();
  return (tool) => {
    if (now() - (given.get(tool) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return false;
    given.set(tool, now());
    return true;
  };
}
