import { expect, test } from 'vitest';
import { figuresOf, plainNumbers } from './figures-of.ts';
import { UNIT_WORDS } from './vocabulary.ts';

test.each([
  ['latency above 1,000 ms', { bounds: { above: 1000 }, unit: 'ms' }],
  ['queues with over 2k messages', { bounds: { above: 2000 } }],
  ['scanners that cost more than a million', { bounds: { above: 1_000_000 } }],
  ['less than 1.5 thousand', { bounds: { below: 1500 } }],
  ['at least 16 cores', { bounds: { above: 16, inclusive: true }, rank: null }],
  ['8 cores or fewer', { bounds: { below: 8, inclusive: true } }],
  ['cpu above 80 at least 3 times', { bounds: { above: 80 }, times: 3 }],
])('%s', (question, asked) => {
  const text = plainNumbers(question);
  const tokens = text.split(' ').map((word) => ({ text: word, meaning: null }));
  expect(figuresOf(text, tokens, UNIT_WORDS)).toMatchObject(asked);
});

test.each(['db-2k', 'release 1.5', '3 hosts, 400 users'])('%s is left as it is', (text) => {
  expect(plainNumbers(text)).toBe(text);
});
