import { StepView } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { traceOfSteps } from './trace-of-steps.ts';

const step = (id: string, more: Partial<StepView>): StepView =>
  StepView.parse({
    ...{ id, attempt: 1, tool: 'ci.get', purpose: '', status: 'completed', reason: null, depends_on: [] },
    ...{ args: {}, bound_args: null, queued_at: null, started_at: null, ended_at: null, cached: false },
    ...{ copied_from: null, attempts: 1, retries: 0, fallback_used: false, usage: null, cost_usd: 0 },
    ...{ result_bytes: null, result_count: null, records: [], approval: null, error: null },
    ...more,
  });

test('a trace tells of each step how long it took and where its result came from, and what went wrong', () => {
  const [started_at, ended_at] = ['2026-11-29T10:00:00.000Z', '2026-11-29T10:00:01.250Z'];
  const error = { code: 'tool_failed' as const, message: 'no such host', retryable: true };
  const { execution_trace, metadata } = traceOfSteps(
    [
      step('1.kept', { started_at, ended_at, cached: true }),
      step('1.failed', { started_at, ended_at, status: 'failed', error }),
      step('1.never', { status: 'skipped', reason: 'dependency_failed' }),
    ],
    2_000,
  );
  expect(execution_trace).toEqual([
    expect.objectContaining({ step: '1.kept', duration_ms: 1_250, cached: true, reason: null }),
    expect.objectContaining({ step: '1.failed', duration_ms: 1_250, cached: false, status: 'failed' }),
    expect.objectContaining({ step: '1.never', duration_ms: null, reason: 'dependency_failed' }),
  ]);
  expect(metadata).toEqual({
    total_time_ms: 2_000,
    steps_completed: 1,
    errors: [{ step: '1.failed', error }],
  });
});
