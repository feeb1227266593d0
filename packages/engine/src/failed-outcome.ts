import type { ErrorBody, RunOutcome } from '@planyard/contracts';

/** Of a run that ends without an answer. */
export function failedOutcome(error: ErrorBody): RunOutcome {
  return { status: 'failed', answer: null, citations: [], missing: [], planner: null, error };
}
