import { expect, test } from 'vitest';
import { planKeyOf } from './plan-key.ts';

const keyOf = (question: string) => planKeyOf({ agent: 'ops', tools: [], prompts: [], question }).key;

test('case, spaces and what ends a question do not make it another', () => {
  const key = keyOf('who owns db-01');
  for (const same of ['Who owns  db-01?', ' who owns db-01 ?!. ', 'who\nowns db-01'])
    expect(keyOf(same)).toBe(key);
  for (const other of ['who owns db-02?', 'who owns? db-01', '? who owns db-01'])
    expect(keyOf(other), other).not.toBe(key);
});

test('a million question marks within a question are read once', () => {
  const marks = '?'.repeat(1_000_000);
  expect(keyOf(`${marks}a`)).toBe(keyOf(`${marks}a${marks}`));
});
