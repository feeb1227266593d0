import type { StepState } from '@planyard/engine';
import { expect, test } from 'vitest';
import { citationsOf } from './citations.ts';

const step = {
  id: '1.owner',
  status: 'completed',
  result: { records: [{ id: 'ci_12' }] },
} as unknown as StepState;

test('marks name completed steps and their records', () => {
  expect(citationsOf('It is Jane [owner:ci_12, 1.owner] [gone] [owner#ci_13].', [step])).toEqual([
    { step: '1.owner', record_id: 'ci_12' },
    { step: '1.owner' },
  ]);
});

test('an answer full of marks that do not end is read once', () => {
  expect(citationsOf(`${'[a:'.repeat(300_000)} [owner]`, [step])).toEqual([{ step: '1.owner' }]);
});
