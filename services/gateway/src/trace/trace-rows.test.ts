import type { StepView } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { traceRows } from './trace-rows.ts';

test('a step that began again after its approval was not retried', () => {
  const approved = { tool: 'test.restart', args: {}, started_at: null, error: null, attempts: 2, retries: 0 };
  expect(traceRows([approved as unknown as StepView], [])).toMatchObject([{ retry_count: 0 }]);
});
