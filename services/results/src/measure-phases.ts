import type { RunEvent, RunResponse } from '@planyard/contracts';
import type { StepState } from '@planyard/engine';

type Phases = Pick<RunResponse['timings'], 'planning_ms' | 'executing_ms' | 'joining_ms'>;

/**
 * How long a run's attempts planned (from plan.started to plan.sealed), executed (from the first step's start to the
 * last one's end) and joined (from then to the next attempt, or the run's end). Planning and executing overlap.
 */
export function measurePhases(events: RunEvent[], steps: StepState[]): Phases {
  const phases: Phases = { planning_ms: 0, executing_ms: 0, joining_ms: 0 };
  const starts = events.flatMap((event) =>
    event.type === 'plan.started' ? [{ attempt: event.data.attempt, at: Date.parse(event.at) }] : [],
  );
  const runEnd = Date.parse(events.at(-1)?.at ?? '');
  starts.forEach(({ attempt, at: startedAt }, index) => {
    const nextAt = starts[index + 1]?.at ?? runEnd;
    const sealed = events.find((event) => event.type === 'plan.sealed' && event.data.attempt === attempt);
    const sealedAt = sealed ? Date.parse(sealed.at) : nextAt;
    phases.planning_ms += Math.max(0, sealedAt - startedAt);

    // A run that is run again executes steps of earlier attempts in its first one.
    const isOf = (step: StepState) => step.attempt === attempt || (index === 0 && step.attempt < attempt);
    const ran = steps.filter((step) => isOf(step) && step.started_at !== null);
    const lastEnd = Math.max(sealedAt, ...ran.map((step) => step.ended_at ?? nextAt));
    if (ran.length > 0) {
      const firstStart = Math.min(...ran.map((step) => step.started_at ?? nextAt));
      phases.executing_ms += Math.max(
        0,
        Math.max(...ran.map((step) => step.ended_at ?? nextAt)) - firstStart,
      );
    }
    if (sealed) phases.joining_ms += Math.max(0, nextAt - lastEnd);
  });
  return phases;
}
