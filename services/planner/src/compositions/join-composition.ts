import { PARAMETERS, RESULTS } from '@planyard/contracts';
import type { JoiningPhase } from '@planyard/engine';
import { concludeFromEvidence } from '../answer/conclude.ts';
import type { PlannerDeps } from '../deps.ts';
import { COMPOSITION_PLANNER } from './plan-composition.ts';

/** The answer of a composition's run: each of its results in sentences; the step that gathers them tells nothing new. */
export async function joinComposition(phase: JoiningPhase, deps: PlannerDeps): Promise<void> {
  await concludeFromEvidence(phase, deps, COMPOSITION_PLANNER, null, {
    extract: { missing: [], show: new Map(), silent: new Set([PARAMETERS, RESULTS]) },
  });
}
