import type { RunRecord, RunResponse, RunStatus } from '@planyard/contracts';
import { type RunState, reportBudget, type StepState, summarizeStep } from '@planyard/engine';

/** The response of a run that has not ended: its steps and what it used so far, without an answer. */
export function openRunResponse(
  record: RunRecord,
  state: RunState | null,
  steps: StepState[],
  nowMs: number,
): RunResponse {
  const summaries = steps.map(summarizeStep);
  const totalMs = Math.max(0, nowMs - Date.parse(record.created_at));
  const pausedMs = state ? state.paused_ms + (state.paused_at === null ? 0 : nowMs - state.paused_at) : 0;
  const costUsd = state?.cost_usd ?? 0;
  return {
    id: record.id,
    status: state?.status ?? record.status,
    question: record.request.question,
    agent: state?.agent ?? record.request.agent,
    conversation_id: record.request.conversation_id,
    schedule_id: record.request.schedule_id ?? null,
    parent_run_id: record.request.rerun?.run_id ?? null,
    answer: null,
    partial: false,
    missing: [],
    citations: [],
    steps: summaries,
    usage: { models: [], cost_usd: costUsd },
    prompts: [],
    budget: reportBudget(
      state?.budget ?? record.request.budget,
      {
        cost_usd: costUsd,
        tokens: state?.tokens ?? 0,
        ms: Math.max(0, totalMs - pausedMs),
        steps: state?.steps_used ?? 0,
      },
      state?.refused ?? [],
    ),
    plan_source: state?.plan?.source ?? null,
    planner: state?.planner ?? null,
    sample_data: false,
    timings: {
      created_at: record.created_at,
      ended_at: null,
      total_ms: totalMs,
      planning_ms: elapsed(state, 'planning', 'executing', nowMs),
      executing_ms: elapsed(state, 'executing', 'joining', nowMs),
      joining_ms: state?.status === 'joining' ? elapsed(state, 'joining', undefined, nowMs) : 0,
      sequential_ms: summaries.reduce((sum, step) => sum + (step.duration_ms ?? 0), 0),
    },
    request_id: record.request_id,
    error: null,
  };
}

/** Milliseconds from the first time in one status to the first in the next, or until now. */
function elapsed(state: RunState | null, from: RunStatus, to: RunStatus | undefined, nowMs: number): number {
  const start = state?.times[from];
  if (start === undefined) return 0;
  return Math.max(0, (to === undefined ? nowMs : (state?.times[to] ?? nowMs)) - start);
}
