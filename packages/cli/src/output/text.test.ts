import { expect, it } from 'vitest';
import { duration } from './text.ts';

it('tells a duration without sixty seconds in a minute', () => {
  expect([850, 1_240, 59_940, 119_600, 779_800].map(duration)).toEqual([
    '850 ms',
    '1.2 s',
    '59.9 s',
    '2 min 0 s',
    '13 min 0 s',
  ]);
});
