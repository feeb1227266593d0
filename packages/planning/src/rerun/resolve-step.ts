import { attemptOf, StepId, stepId } from '@planyard/contracts';

/** The stored id of a name as `by` may use it: a stored id, or the id of a step of its own attempt, else of the newest before it. */
export function resolveStep(name: string, by: StepId, ids: readonly StepId[]): StepId | null {
  if (StepId.safeParse(name).success) return ids.includes(name) ? name : null;
  for (let attempt = attemptOf(by); attempt > 0; attempt -= 1) {
    const id = stepId(attempt, name);
    if (ids.includes(id)) return id;
  }
  return null;
}
