import { type ModelCall, type StepView, Usage } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { traceRows } from './trace-rows.ts';

test('a step that began again after its approval was not retried', () => {
  const approved = { tool: 'test.restart', args: {}, started_at: null, error: null, attempts: 2, retries: 0 };
  expect(traceRows([approved as unknown as StepView], [])).toMatchObject([{ retry_count: 0 }]);
});

test('a model call that a kept reply answered is a cache hit', () => {
  const call: ModelCall = {
    purpose: 'plan',
    provider: 'p',
    model: 'm',
    agent: null,
    status: 'ok',
    usage: Usage.parse({ input_tokens: 1, output_tokens: 1 }),
    cost_usd: 0,
    started_at: '2026-11-20T10:00:00.000Z',
    duration_ms: 1,
    first_token_ms: null,
    request_id: 'req-1',
    prompt: null,
    error: null,
  };
  const rows = traceRows([], [call, { ...call, cached: true }]);
  expect(rows.map((row) => row.cache_hit)).toEqual([false, true]);
});
