import { COLLECT_TOOL, CompositionResult, type Json, type StepView } from '@planyard/contracts';
import type { GatewayDeps } from '../deps.ts';
import { readRunResponse } from './find-run.ts';
import { allSteps, oneStep } from './run-steps.ts';

type ResultDeps = Pick<GatewayDeps, 'db' | 'engine' | 'now'>;

/** What a composition's run gave; while it runs, what is known so far. */
export async function compositionResult(
  deps: ResultDeps,
  tenant: string,
  runId: string,
): Promise<CompositionResult> {
  const run = await readRunResponse(deps, tenant, runId);
  const steps = await allSteps(deps, tenant, runId);
  const gathered = steps.find(({ tool }) => tool === COLLECT_TOOL);
  const result = gathered?.status === 'completed' ? await resultOf(deps, tenant, runId, gathered) : null;
  const own = steps.filter(({ tool }) => tool !== COLLECT_TOOL);
  return CompositionResult.parse({
    run_id: runId,
    status: run.status,
    primary: result?.primary ?? null,
    enriched: result?.enriched ?? {},
    execution_trace: own.map((step) => ({
      step: step.id,
      tool: step.tool,
      status: step.status,
      reason: step.reason,
      duration_ms: durationOf(step),
      cached: step.cached,
      fallback_used: step.fallback_used,
    })),
    metadata: {
      total_time_ms: run.timings.total_ms,
      steps_completed: own.filter(({ status }) => status === 'completed').length,
      errors: own.flatMap(({ id, error }) => (error ? [{ step: id, error }] : [])),
    },
  });
}

async function resultOf(deps: ResultDeps, tenant: string, runId: string, step: StepView) {
  // A result over 64 KiB is only with its own step.
  const { result } = step.result === undefined ? await oneStep(deps, tenant, runId, step.id) : step;
  return result as unknown as { primary: Json; enriched: Record<string, Json> };
}

function durationOf({ started_at, ended_at }: StepView): number | null {
  return started_at === null || ended_at === null ? null : Date.parse(ended_at) - Date.parse(started_at);
}
