import type { JsonObject, ModelCall, StepView, TraceRow } from '@planyard/contracts';
import { redact } from '@planyard/runtime';

/** A run's trace in the order things began: a row for each step, and for each model call (`tool_type` "model"). */
export function traceRows(steps: StepView[], calls: ModelCall[]): TraceRow[] {
  const rows = [...steps.map(stepRow), ...calls.map(callRow)];
  // What never began comes last.
  const startOf = (row: TraceRow) =>
    row.start_time === null ? Number.POSITIVE_INFINITY : Date.parse(row.start_time);
  return rows
    .map((row) => ({ row, start: startOf(row) }))
    .sort((a, b) => (a.start === b.start ? 0 : a.start - b.start))
    .map(({ row }) => row);
}

function stepRow(step: StepView): TraceRow {
  const [type = '', operation = ''] = step.tool.split('.');
  return {
    step: step.id,
    tool_type: type,
    operation,
    start_time: step.started_at,
    end_time: step.ended_at,
    duration_ms: durationOf(step),
    success: step.status === 'completed',
    error: step.error === null ? null : `${step.error.code}: ${step.error.message}`,
    cache_hit: step.cached,
    input_params: redact(step.bound_args ?? step.args) as JsonObject,
    result_size_bytes: step.result_bytes,
    result_count: step.result_count,
    retry_count: step.retries,
    fallback_used: step.fallback_used,
    tokens: step.usage,
    cost: step.cost_usd,
    metadata: {
      status: step.status,
      reason: step.reason,
      purpose: step.purpose,
      attempt: step.attempt,
      depends_on: step.depends_on,
      ...(step.copied_from ? { copied_from: step.copied_from } : {}),
      ...(step.approval ? { approval: step.approval } : {}),
    },
  };
}

function callRow(call: ModelCall): TraceRow {
  return {
    step: null,
    tool_type: 'model',
    operation: call.purpose,
    start_time: call.started_at,
    end_time: new Date(Date.parse(call.started_at) + call.duration_ms).toISOString(),
    duration_ms: call.duration_ms,
    success: call.status === 'ok',
    error: call.error === null ? null : `${call.error.code}: ${call.error.message}`,
    cache_hit: call.cached ?? false,
    input_params: {},
    result_size_bytes: null,
    result_count: null,
    retry_count: 0,
    fallback_used: false,
    tokens: call.usage,
    cost: call.cost_usd,
    metadata: {
      provider: call.provider,
      model: call.model,
      prompt: call.prompt,
      first_token_ms: call.first_token_ms,
    },
  };
}

function durationOf({ started_at, ended_at }: StepView): number | null {
  return started_at === null || ended_at === null ? null : Date.parse(ended_at) - Date.parse(started_at);
}
