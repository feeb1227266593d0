import { expect, test } from 'vitest';
import { fitsPattern } from './name-pattern.ts';

test.each([
  ['ci.get', 'ci.get', true],
  ['ci.get', 'ci.get_by_code', false],
  ['ci.*', 'ci.get', true],
  ['ci.*', 'cix', false],
  ['*', '', true],
  ['*.get', 'ci.get', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['*a*b*', 'xaxbx', true],
  ['*a*b*', 'xbxax', false],
  ['a.c', 'abc', false],
])('%s and %s: %s', (pattern, name, fits) => {
  expect(fitsPattern(pattern, name)).toBe(fits);
});
