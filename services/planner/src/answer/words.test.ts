import { expect, test } from 'vitest';
import { formatNumber } from './words.ts';

test('a number below one is told by its digits, and none is told as a zero that it is not', () => {
  const told = [0.004, -0.001, 0.0123, 0.9, 1 / 3, -2 / 3, 0.9999, 1e-7, 0, -0].map(formatNumber);
  expect(told).toEqual(['0.004', '-0.001', '0.0123', '0.9', '0.333', '-0.667', '1', '1e-7', '0', '0']);
  expect([1.005, 41.237, -3.456, 123.456, 1234567.89].map(formatNumber)).toEqual([
    '1.01',
    '41.24',
    '-3.46',
    '123.5',
    '1,234,567.9',
  ]);
});
