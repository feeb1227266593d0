import type { Budget, BudgetReport, RunRecord, RunResponse, RunStatus } from '@planyard/contracts';
import type { RunState, StepState } from '@planyard/engine';

/** The response of a run that has not ended: its steps and what it used so far, without an answer. */
export function openRunResponse(
  record: RunRecord,
  state: RunState | null,
  steps: StepState[],
  nowMs: number,
): RunResponse {
  const totalMs = Math.max(0, nowMs - Date.parse(record.created_at));
  const costUsd = state?.cost_usd ?? 0;
  return {
    id: record.id,
    status: state?.status ?? record.status,
    question: record.request.question,
    agent: record.request.agent,
    answer: null,
    partial: false,
    missing: [],
    citations: [],
    steps: steps.map((step) => ({
      id: step.id,
      tool: step.tool,
      purpose: step.spec.purpose,
      status: step.status,
      reason: step.reason,
      duration_ms: durationOf(step),
      cost_usd: step.cost_usd,
      cached: step.cached,
      error: step.error,
    })),
    usage: { models: [], cost_usd: costUsd },
    budget: budgetReport(record.request.budget, {
      cost_usd: costUsd,
      tokens: state?.tokens ?? 0,
      ms: totalMs,
      steps: state?.steps_used ?? 0,
    }),
    planner: state?.planner ?? null,
    sample_data: false,
    timings: {
      created_at: record.created_at,
      ended_at: null,
      total_ms: totalMs,
      planning_ms: elapsed(state, 'planning', 'executing', nowMs),
      executing_ms: elapsed(state, 'executing', 'joining', nowMs),
      joining_ms: state?.status === 'joining' ? elapsed(state, 'joining', undefined, nowMs) : 0,
      sequential_ms: steps.reduce((sum, step) => sum + (durationOf(step) ?? 0), 0),
    },
    request_id: record.request_id,
    error: null,
  };
}

function durationOf(step: StepState): number | null {
  return step.started_at === null || step.ended_at === null ? null : step.ended_at - step.started_at;
}

/** Milliseconds from the first time in one status to the first in the next, or until now. */
function elapsed(state: RunState | null, from: RunStatus, to: RunStatus | undefined, nowMs: number): number {
  const start = state?.times[from];
  if (start === undefined) return 0;
  return Math.max(0, (to === undefined ? nowMs : (state?.times[to] ?? nowMs)) - start);
}

function budgetReport(budget: Budget, used: Record<keyof BudgetReport, number>): BudgetReport {
  const line = (key: keyof BudgetReport) => {
    const limit = budget[key] ?? null;
    return {
      used: used[key],
      limit,
      percent: limit === null || limit === 0 ? null : (used[key] / limit) * 100,
      exceeded: limit !== null && used[key] > limit,
    };
  };
  return { cost_usd: line('cost_usd'), tokens: line('tokens'), ms: line('ms'), steps: line('steps') };
}
