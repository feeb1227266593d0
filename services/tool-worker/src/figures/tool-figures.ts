import type { ToolFigures, ToolName } from '@planyard/contracts';
import type { Measured } from '@planyard/engine';

/** What older calls keep of their weight with each further one: the averages stand on some fifty calls. */
const DECAY = 0.98;
/** So many calls an average stands on at most. */
const MOST_CALLS = 1 / (1 - DECAY);

export interface MeasuredTools {
  /** A call that was made, and what it took. */
  called(tool: ToolName, ms: number, worked: boolean): void;
  /** A call that a kept or shared result answered. */
  answered(tool: ToolName): void;
  all(): [ToolName, Measured][];
}

/** Moving averages of this worker's own calls. */
export function measureTools(): MeasuredTools {
  const figures = new Map<ToolName, Measured>();
  const of = (tool: ToolName): Measured => figures.get(tool) ?? { calls: 0, ms: 0, success: 0, cached: 0 };

  return {
    called(tool, ms, worked) {
      const was = of(tool);
      const kept = was.calls * DECAY;
      const mean = (old: number, now: number) => (old * kept + now) / (kept + 1);
      figures.set(tool, {
        calls: kept + 1,
        ms: mean(was.ms, ms),
        success: mean(was.success, worked ? 1 : 0),
        cached: mean(was.cached, 0),
      });
    },
    answered(tool) {
      const was = of(tool);
      const kept = was.calls * DECAY;
      // Nothing is learnt of how long a call takes, or whether it works.
      if (was.calls > 0) figures.set(tool, { ...was, cached: (was.cached * kept + 1) / (kept + 1) });
    },
    all: () => [...figures],
  };
}

/** What is left of workers that go, as long as this one is there; as many calls as it will have measured itself one day, so that they fade. */
export function inherit(found: ReadonlyMap<ToolName, ToolFigures>): Record<ToolName, Measured> {
  return Object.fromEntries(
    [...found]
      .filter(([, { calls }]) => calls > 0)
      .map(([tool, { calls, ms, success, cached }]) => [
        tool,
        { calls: Math.min(calls, MOST_CALLS), ms, success, cached },
      ]),
  );
}
