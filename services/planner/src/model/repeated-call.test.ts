import { type ErrorCode, PlanStep, PlanyardError } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { repeatedCall } from './repeated-call.ts';

test.each<[ErrorCode, boolean]>([
  ['not_found', true],
  ['timeout', true],
  ['rejected', true],
  ['tool_breaker_open', false],
  ['unavailable', false],
])('a call that failed as %s is refused in a later attempt: %s', (code, refused) => {
  const spec = PlanStep.parse({ id: 'a', tool: 'ci.get', args: { id: 'x' } });
  const failed = { id: '1.a', attempt: 1, tool: 'ci.get', status: 'failed', spec, bound_args: null };
  const error = new PlanyardError(code).toBody();
  const phase = { attempt: 2, steps: [{ ...failed, error }] } as unknown as Parameters<
    typeof repeatedCall
  >[1];
  expect(repeatedCall(spec, phase)).toHaveLength(refused ? 1 : 0);
});
