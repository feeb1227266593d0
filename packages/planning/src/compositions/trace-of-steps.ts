import type { CompositionTrace, StepView } from '@planyard/contracts';

/** What became of these steps of a composition, in their order. */
export function traceOfSteps(steps: readonly StepView[], totalMs: number): CompositionTrace {
  return {
    execution_trace: steps.map((step) => ({
      step: step.id,
      tool: step.tool,
      status: step.status,
      reason: step.reason,
      duration_ms: durationOf(step),
      cached: step.cached,
      fallback_used: step.fallback_used,
    })),
    metadata: {
      total_time_ms: totalMs,
      steps_completed: steps.filter(({ status }) => status === 'completed').length,
      errors: steps.flatMap(({ id, error }) => (error ? [{ step: id, error }] : [])),
    },
  };
}

function durationOf({ started_at, ended_at }: StepView): number | null {
  return started_at === null || ended_at === null ? null : Date.parse(ended_at) - Date.parse(started_at);
}
