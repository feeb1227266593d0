import { expect, test } from 'vitest';
import { figuresOf, plainNumbers } from './figures-of.ts';
import { UNIT_WORDS } from './vocabulary.ts';

test.each([
  ['latency above 1,000 ms', { above: 1000, inclusive: false, unit: 'ms' }],
  ['queues with over 2k messages', { above: 2000 }],
  ['scanners that cost more than a million', { above: 1_000_000 }],
  ['less than 1.5 thousand', { below: 1500, inclusive: false }],
  ['at least 16 cores', { above: 16, inclusive: true, rank: null }],
  ['8 cores or fewer', { below: 8, inclusive: true }],
  ['cpu above 80 at least 3 times', { above: 80, inclusive: false, times: 3 }],
])('%s', (question, asked) => {
  const text = plainNumbers(question);
  const tokens = text.split(' ').map((word) => ({ text: word, meaning: null }));
  expect(figuresOf(text, tokens, UNIT_WORDS)).toMatchObject(asked);
});

test.each(['db-2k', 'release 1.5', '3 hosts, 400 users'])('%s is left as it is', (text) => {
  expect(plainNumbers(text)).toBe(text);
});
