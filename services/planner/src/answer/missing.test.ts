import { COLLECT_TOOL } from '@planyard/contracts';
import type { StepState } from '@planyard/engine';
import { expect, test } from 'vitest';
import { missingOf } from './missing.ts';

const step = (attempt: number, id: string, status: string, tool: string, purpose = id) =>
  ({ id: `${attempt}.${id}`, attempt, status, reason: null, tool, spec: { id, purpose } }) as StepState;
const missing = (...steps: StepState[]) => missingOf({ steps }).length;

test('a later step with the same name or tool replaces one that failed; of compositions only the same one does', () => {
  const failed = step(1, 'a', 'failed', 'ci.get');
  expect(missing(failed, step(2, 'b', 'completed', 'ci.get'))).toBe(0);
  expect(missing(failed, step(2, 'a', 'completed', 'ci.search'))).toBe(0);
  expect(missing(failed, step(2, 'b', 'completed', 'ci.search'))).toBe(1);
  const gathered = step(1, 'load', 'skipped', COLLECT_TOOL, 'graph_with_metrics');
  expect(missing(gathered, step(2, 'again', 'completed', COLLECT_TOOL, 'graph_with_metrics'))).toBe(0);
  expect(missing(gathered, step(2, 'what', 'completed', COLLECT_TOOL, 'history_aggregate'))).toBe(1);
});
