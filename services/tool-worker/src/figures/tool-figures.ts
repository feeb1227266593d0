import type { ToolFigures, ToolName } from '@planyard/contracts';

/** What older calls keep of their weight with each further one: the averages stand on some fifty calls. */
const DECAY = 0.98;

type Measured = Omit<ToolFigures, 'load' | 'breaker'>;

export interface MeasuredTools {
  /** A call that was made, and what it took. */
  called(tool: ToolName, ms: number, worked: boolean): void;
  /** A call that a kept or shared result answered. */
  answered(tool: ToolName): void;
  all(): [ToolName, Measured][];
}

/** Moving averages of this worker's calls. They begin with what the workers before it measured, so that a restart forgets nothing. */
export function measureTools(before: ReadonlyMap<ToolName, ToolFigures>): MeasuredTools {
  const figures = new Map<ToolName, Measured>();
  for (const [tool, { calls, ms, success, cached }] of before)
    if (calls > 0) figures.set(tool, { calls, ms, success, cached });

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
