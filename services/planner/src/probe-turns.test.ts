import { expect, test } from 'vitest';
import { createProbeTurns } from './probe-turns.ts';

test('one attempt in a while may probe a tool', () => {
  let time = 0;
  const takeProbeTurn = createProbeTurns(() => time);
  expect([takeProbeTurn('a.b'), takeProbeTurn('a.b'), takeProbeTurn('a.other')]).toEqual([true, false, true]);
  time = 14_999;
  expect(takeProbeTurn('a.b')).toBe(false);
  time = 15_000;
  expect([takeProbeTurn('a.b'), takeProbeTurn('a.b')]).toEqual([true, false]);
});
