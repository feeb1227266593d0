import { expect, test } from 'vitest';
import { createProbeTurns } from './probe-turns.ts';

test('one attempt in a while may probe a tool', () => {
  let time = 0;
  const mayProbe = createProbeTurns(() => time);
  expect([mayProbe('a.b'), mayProbe('a.b'), mayProbe('a.other')]).toEqual([true, false, true]);
  time = 14_999;
  expect(mayProbe('a.b')).toBe(false);
  time = 15_000;
  expect([mayProbe('a.b'), mayProbe('a.b')]).toEqual([true, false]);
});
