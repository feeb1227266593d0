import { expect, test } from 'vitest';
import { retryAfterOf } from './failures.ts';

const ofHeaders = (headers: Record<string, string>) => retryAfterOf((name) => headers[name]);

test('a provider says how long to wait in seconds, milliseconds or by a date', () => {
  expect(ofHeaders({ 'retry-after': '7' })).toBe(7);
  expect(ofHeaders({ 'retry-after': '7', 'retry-after-ms': '1500' })).toBe(1.5);
  const date = new Date(Date.now() + 60_000).toUTCString();
  expect(ofHeaders({ 'retry-after': date })).toBeGreaterThan(55);
});

test('nobody waits longer than a day because a provider says so', () => {
  const far = new Date(Date.now() + 1e12).toUTCString();
  for (const text of ['1e20', '99999999999', 'Infinity', far])
    expect(ofHeaders({ 'retry-after': text }), text).toBe(86_400);
  expect(ofHeaders({ 'retry-after-ms': '1e300' })).toBe(86_400);
});

test('what is no time is none, and what is over is now', () => {
  for (const text of ['', ' ', 'NaN', 'soon', '1s']) {
    expect(ofHeaders({ 'retry-after': text }), text).toBeUndefined();
    expect(ofHeaders({ 'retry-after-ms': text, 'retry-after': '7' }), text).toBe(7);
  }
  for (const text of ['-5', '-1e20', 'Thu, 01 Jan 1970 00:00:00 GMT'])
    expect(ofHeaders({ 'retry-after': text }), text).toBe(0);
});
