import { expect, it } from 'vitest';
import { plainUsd } from './plain-usd.ts';

it.each([
  [1.0000000000000001e-7, '0.0000001'],
  [0.1 + 0.2, '0.3'],
  [0, '0'],
  [1234567.5, '1234567.5'],
])('writes %d USD as %s', (usd, text) => {
  expect(plainUsd(usd)).toBe(text);
});
