import { expect, test } from 'vitest';
import { findTime, minutesBeside } from './time-words.ts';

// A Sunday.
const now = new Date('2026-11-29T11:10:00Z');
const BEGIN = '1970-01-01T00:00:00.000Z';
const day = (from: string, to = from) => ({ from: `${from}T00:00:00.000Z`, to: `${to}T23:59:59.999Z` });

test.each([
  ['deployments between 2026-11-24 and 2026-11-26', day('2026-11-24', '2026-11-26')],
  ['deployments between 24 November and 26 November', day('2026-11-24', '2026-11-26')],
  ['the path between cart and orders on 26 November', day('2026-11-26')],
  [
    'cpu between 07:00 and 08:00 on 29 November',
    { from: '2026-11-29T07:00:00.000Z', to: '2026-11-29T08:00:00.000Z' },
  ],
])('%s: both ends are read', (question, range) => {
  const time = findTime(question, now);
  expect(time?.range).toEqual(range);
  expect(time?.rest).not.toMatch(/\d/);
});

test.each([
  ['what happened on Tuesday', day('2026-11-24')],
  ['deployments from Monday to Wednesday', day('2026-11-23', '2026-11-25')],
  ['deployments since Monday', { from: '2026-11-23T00:00:00.000Z', to: now.toISOString() }],
  ['incidents on 31 December', day('2025-12-31')],
  ['incidents on Sunday', day('2026-11-29')],
  ['incidents in November', day('2026-11-01', '2026-11-30')],
  ['incidents of December', day('2025-12-01', '2025-12-31')],
  ['deployments before 25 November', { from: BEGIN, to: '2026-11-25T00:00:00.000Z' }],
  ['deployments until 25 November', { from: BEGIN, to: '2026-11-25T23:59:59.999Z' }],
  ['cpu at 10:00 today', { from: '2026-11-29T10:00:00.000Z', to: '2026-11-29T11:00:00.000Z' }],
  ['cpu around 5:30', { from: '2026-11-29T05:00:00.000Z', to: '2026-11-29T06:00:00.000Z' }],
  ['cpu at 22:00', { from: '2026-11-28T22:00:00.000Z', to: '2026-11-28T23:00:00.000Z' }],
  ['what happened 2 days ago', day('2026-11-27')],
  ['what happened since 2 days ago', { from: '2026-11-27T00:00:00.000Z', to: now.toISOString() }],
  ['memory over the week', 'last_7d'],
  ['memory since yesterday', { from: '2026-11-28T00:00:00.000Z', to: now.toISOString() }],
  ['memory in the last 90 minutes', 'last_90m'],
  ['incidents on 31 December 2026', day('2026-12-31')],
])('%s: the last such day', (question, range) => {
  expect(findTime(question, now)?.range).toEqual(range);
});

test('the number of a name is no hour', () => {
  const time = findTime('did anything happen to host-08 today', now);
  expect(time?.range).toEqual(day('2026-11-29'));
  expect(time?.rest).toContain('host-08');
});

test.each([
  ['what happened in the two hours before the incident', 120],
  ['what changed 30 minutes before it', 30],
  ['what changed in the hour after the deployment', 60],
  ['what changed in the 2.5 hours preceding it', 150],
  ['what changed in the 3 days before it', 4320],
  ['what changed shortly before the incident', null],
  ['what changed in the hours before the incident', null],
])('%s: %s minutes', (question, minutes) => {
  expect(minutesBeside(question)).toBe(minutes);
});
