import { expect, test, vi } from 'vitest';
import { ModelError } from '../model-error.ts';
import { retryAfterOf } from '../providers/failures.ts';
import { delayOf, withRetries } from './retries.ts';

const RETRIES = { base_ms: 100, cap_ms: 250, max_tries: 3, max_wait_ms: 10_000 };
const failure = (retryAfter?: number) =>
  new ModelError('rate_limited', 'slow down', retryAfter === undefined ? {} : { retryAfter });

test('the wait doubles up to the cap, and any part of it may be drawn', () => {
  const most = [1, 2, 3, 4].map((tries) => delayOf(failure(), tries, RETRIES, () => 1));
  expect(most).toEqual([100, 200, 250, 250]);
  expect([0, 0.5].map((drawn) => delayOf(failure(), 2, RETRIES, () => drawn))).toEqual([0, 100]);
});

test('what the provider says goes before it, in whichever way it says so', () => {
  const said = (headers: Record<string, string>) => retryAfterOf((name) => headers[name]);
  expect(said({ 'retry-after': '2', 'retry-after-ms': '50' })).toBe(0.05);
  expect(said({ 'retry-after': '2' })).toBe(2);
  vi.setSystemTime('2026-11-29T10:00:00Z');
  expect(said({ 'retry-after': 'Sun, 29 Nov 2026 10:00:07 GMT' })).toBe(7);
  vi.useRealTimers();
  expect(said({})).toBeUndefined();
  expect(delayOf(failure(0.05), 3, RETRIES, () => 1)).toBe(50);
});

test.each([
  ['the wait ends after the caller’s deadline', { deadlineAt: 1_040 }, failure(0.05)],
  ['the wait is longer than any is waited', { deadlineAt: null }, failure(11)],
  ['a retry cannot help', { deadlineAt: null }, new ModelError('auth', 'no')],
])('no other try is made where %s', async (_why, { deadlineAt }, error) => {
  let tries = 0;
  async function* open(): AsyncIterable<string> {
    tries += 1;
    yield* [];
    throw error;
  }
  const context = {
    signal: new AbortController().signal,
    deadlineAt,
    mayTry: () => true,
    onRetry: () => {},
    random: () => 0,
    now: () => 1_000,
  };
  await expect(Array.fromAsync(withRetries(open, RETRIES, context))).rejects.toBe(error);
  expect(tries).toBe(1);
});
