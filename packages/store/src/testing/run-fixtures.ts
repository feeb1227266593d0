import {
  newRunId,
  PlanStep,
  type RunRecord,
  type RunResponse,
  type StepView,
  Usage,
} from '@planyard/contracts';
import type { ArchivedStep } from '../steps.ts';

// A run, and what is archived of it.

export const START = Date.parse('2026-11-20T10:00:00.000Z');

export function aRun({
  tenant,
  at = START,
  question = 'how is db-01?',
}: {
  tenant: string;
  at?: number;
  question?: string;
}): RunRecord {
  return {
    id: newRunId(at),
    incarnation: 0,
    partition: 0,
    caller: { tenant, user: 'ann', key_id: 'key_1' },
    request_id: 'req-1',
    request: {
      question,
      messages: [],
      agent: null,
      budget: {},
      deadline: null,
      options: {
        cache: true,
        selector: true,
        compositions: true,
        plan_cache: true,
        trace: true,
        strategy: 'most_accurate',
        max_attempts: 3,
        priority: 5,
      },
      tags: [],
      blueprint: null,
      composition: null,
      rerun: null,
      schedule_id: null,
      conversation_id: null,
    },
    status: 'accepted',
    created_at: new Date(at).toISOString(),
  };
}

export function aStep(id: string, ms: number, result?: StepView['result']): StepView {
  return {
    id,
    attempt: 1,
    tool: 'ci.search',
    purpose: '',
    status: 'completed',
    reason: null,
    depends_on: [],
    args: {},
    bound_args: {},
    queued_at: new Date(START).toISOString(),
    started_at: new Date(START).toISOString(),
    ended_at: new Date(START + ms).toISOString(),
    cached: ms === 100,
    attempts: 1,
    retries: 0,
    fallback_used: false,
    usage: null,
    cost_usd: 0,
    result_bytes: 10,
    result_count: 1,
    records: [],
    approval: null,
    copied_from: null,
    ...(result === undefined ? {} : { result }),
    error: null,
  };
}

export function defined(id: string): ArchivedStep['definition'] {
  const spec = PlanStep.parse({ id, tool: 'ci.search' });
  const dispatch = { class: 'io' as const, timeout_ms: 1_000, max_tries: 1 };
  return { admitted: { id: `1.${id}`, spec, data_deps: [], after_deps: [], dispatch }, call_hash: null };
}

export function anArchive(run: RunRecord, incarnation: number) {
  const line = { used: 0, limit: null, percent: null, exceeded: false };
  const at = new Date(START + 1000).toISOString();
  const response: RunResponse = {
    id: run.id,
    status: 'completed',
    question: run.request.question,
    agent: null,
    conversation_id: null,
    plan_source: null,
    parent_run_id: null,
    schedule_id: null,
    answer: 'fine',
    partial: false,
    missing: [],
    citations: [],
    steps: [],
    usage: { models: [], cost_usd: 0.25 },
    prompts: [],
    budget: { cost_usd: line, tokens: line, ms: line, steps: line },
    planner: 'rules',
    sample_data: true,
    timings: {
      created_at: run.created_at,
      ended_at: at,
      total_ms: 1000,
      planning_ms: 1,
      executing_ms: 1,
      joining_ms: 1,
      sequential_ms: 400,
    },
    request_id: run.request_id,
    error: null,
  };
  return {
    run_id: run.id,
    incarnation,
    response,
    tool_spending: [],
    steps: [
      { view: aStep('1.small', 100, { text: 'a\0b' }), result_epoch: null, definition: defined('small') },
      { view: aStep('1.big', 300), result_epoch: 4, definition: defined('big') },
    ],
    plan: null,
    model_calls: [
      {
        purpose: 'plan' as const,
        provider: 'p',
        model: 'm',
        agent: null,
        status: 'ok' as const,
        usage: Usage.parse({ input_tokens: 1, output_tokens: 1 }),
        cost_usd: null,
        started_at: at,
        duration_ms: 5,
        first_token_ms: null,
        request_id: 'req-1',
        prompt: null,
        error: null,
      },
    ],
    events: [
      { number: 1, at, type: 'run.accepted' as const, data: { question: 'q', agent: null } },
      { number: 2, at, type: 'answer.delta' as const, data: { attempt: 1, text: 'a\0\ud800' } },
      { number: 9, at, type: 'run.completed' as const, data: { status: 'completed' as const, error: null } },
    ],
  };
}
