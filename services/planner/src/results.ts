import type { Json } from '@planyard/contracts';
import type { Phase, StepState } from '@planyard/engine';
import { isUnavailable } from '@planyard/store';
import type { PlannerDeps } from './deps.ts';

/** A completed step with its whole result. */
export interface Evidence {
  step: StepState;
  value: Json;
}

/** The results of every completed step, in the order of their attempts; one whose row is gone counts as without a result. */
export async function readEvidence(phase: Phase, deps: PlannerDeps): Promise<Evidence[]> {
  const completed = phase.steps.filter((step) => step.status === 'completed' && step.result);
  const read = completed.map(async (step): Promise<Evidence | null> => {
    const { result } = step;
    if (!result?.stored) return { step, value: result?.value ?? null };
    try {
      const value = await deps.loadResult(phase, phase.record.caller.tenant, step.id, result.stored.epoch);
      return { step, value };
    } catch (error) {
      if (isUnavailable(error)) throw error;
      deps.log.warn({ err: error, step_id: step.id }, 'a stored result cannot be read');
      return null;
    }
  });
  return (await Promise.all(read)).filter((each) => each !== null);
}
