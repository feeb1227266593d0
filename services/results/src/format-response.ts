import type { Citation, ModelCall, RunOutcome, RunResponse, UsedPrompt } from '@planyard/contracts';
import {
  type PersistPhase,
  reportBudget,
  type StepState,
  summarizeStep,
  usageByModel,
} from '@planyard/engine';
import { measurePhases } from './measure-phases.ts';

export interface FinishedRun
  extends Pick<PersistPhase, 'state' | 'outcome' | 'steps' | 'events' | 'model_calls'> {
  /** The answer is about the sample inventory. */
  sampleData: boolean;
}

/** An ended run as its caller sees it, in the complete, partial and error form. The last event is the run's end. */
export function formatResponse(run: FinishedRun): RunResponse {
  const { state, outcome, steps, events, model_calls } = run;
  const { record } = state;
  const { request } = record;
  const endedAt = events.at(-1)?.at ?? record.created_at;
  const used = usageByModel([
    ...model_calls.map((call) => ({ ...call, calls: 1 })),
    ...steps.flatMap(({ models }) => models),
  ]);
  const summaries = steps.map(summarizeStep);
  const totalMs = Math.max(0, Date.parse(endedAt) - Date.parse(record.created_at));
  return {
    id: record.id,
    status: outcome.status,
    question: request.question,
    agent: state.agent,
    conversation_id: request.conversation_id,
    schedule_id: request.schedule_id ?? null,
    parent_run_id: request.rerun?.run_id ?? null,
    answer: outcome.answer,
    partial: outcome.status === 'partial',
    missing: missingOf(outcome, steps),
    citations: outcome.citations.flatMap((citation) => citationOf(citation, steps)),
    steps: summaries,
    usage: {
      models: used,
      cost_usd: used.some(({ cost_usd }) => cost_usd === null) ? null : state.cost_usd,
    },
    prompts: promptsOf(model_calls),
    budget: reportBudget(
      state.budget,
      {
        cost_usd: state.cost_usd,
        tokens: state.tokens,
        ms: Math.max(0, totalMs - state.paused_ms),
        steps: state.steps_used,
      },
      state.refused,
    ),
    plan_source: state.plan?.source ?? null,
    planner: outcome.planner ?? state.planner,
    sample_data: run.sampleData,
    timings: {
      created_at: record.created_at,
      ended_at: endedAt,
      total_ms: totalMs,
      ...measurePhases(events, steps),
      sequential_ms: summaries.reduce((sum, step) => sum + (step.duration_ms ?? 0), 0),
    },
    request_id: record.request_id,
    error: outcome.error,
  };
}

/** What the planner says is missing; where it says nothing of a partial answer, the steps that failed. */
function missingOf(outcome: RunOutcome, steps: StepState[]): string[] {
  if (outcome.missing.length > 0 || outcome.status !== 'partial') return outcome.missing;
  return steps.flatMap((step) =>
    step.status === 'failed'
      ? [`${step.spec.purpose || step.tool}: ${step.error?.message ?? 'it failed'}`]
      : [],
  );
}

/** Evidence that exists: a citation of a step or record that is not there is dropped. A step may be named without its attempt: the last one is meant. */
function citationOf(cited: RunOutcome['citations'][number], steps: StepState[]): Citation[] {
  const step =
    steps.find(({ id }) => id === cited.step) ?? steps.findLast(({ spec }) => spec.id === cited.step);
  if (!step) return [];
  const { id, tool } = step;
  if (cited.record_id === undefined) return [{ step: id, tool, record: null }];
  const record = step.result?.records.find((each) => each.id === cited.record_id);
  return record ? [{ step: id, tool, record }] : [];
}

/** Each version once; a call's label names those it was made of: `plan@1 replan@2`. */
function promptsOf(calls: ModelCall[]): UsedPrompt[] {
  const labels = new Set(calls.flatMap(({ prompt }) => prompt?.split(' ') ?? []));
  return [...labels].map((label) => {
    const at = label.lastIndexOf('@');
    return { name: label.slice(0, at), version: label.slice(at + 1) };
  });
}
