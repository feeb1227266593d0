import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type TimeoutPhase, withTimeouts } from './timeouts.ts';

const TIMEOUTS = { connect_ms: 1_000, first_token_ms: 1_000, between_tokens_ms: 1_000, total_ms: 100 };
let phases: TimeoutPhase[];

beforeEach(() => {
  vi.useFakeTimers();
  phases = [];
});
afterEach(() => void vi.useRealTimers());

/** A model that says so many words at once and then nothing, or ends there. */
function read(words: number, ends: boolean) {
  async function* open(signal: AbortSignal) {
    for (let word = 1; word <= words; word += 1) yield word;
    signal.throwIfAborted();
    if (!ends)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }
  const context = {
    signal: new AbortController().signal,
    streaming: true,
    onTimeout: (phase: TimeoutPhase) => void phases.push(phase),
  };
  return withTimeouts(open, TIMEOUTS, context)[Symbol.asyncIterator]();
}

test('what a slow reader takes is not the model’s time', async () => {
  const stream = read(2, true);
  await stream.next();
  vi.advanceTimersByTime(150);
  expect(await stream.next()).toEqual({ done: false, value: 2 });
  expect(await stream.next()).toMatchObject({ done: true });
  expect(phases).toEqual([]);
});

test('a reader who takes twice the total time has used up its own, and the provider is not to blame', async () => {
  const stream = read(1, false);
  await stream.next();
  vi.advanceTimersByTime(250);
  await expect(stream.next()).rejects.toMatchObject({ kind: 'deadline', counts: false });
  expect(phases).toEqual(['deadline']);
});

test('a model that takes its whole total time has failed, however long its reader took', async () => {
  const stream = read(1, false);
  await stream.next();
  vi.advanceTimersByTime(80);
  const next = expect(stream.next()).rejects.toMatchObject({ kind: 'timeout', counts: true });
  await vi.advanceTimersByTimeAsync(99);
  expect(phases).toEqual([]);
  await vi.advanceTimersByTimeAsync(5);
  await next;
  expect(phases).toEqual(['total']);
});
