import { setTimeout as wait } from 'node:timers/promises';
import type { Retries } from '../config/retries.ts';
import { type ModelError, toModelError } from '../model-error.ts';

export interface RetryContext {
  signal: AbortSignal;
  /** Milliseconds since the epoch: no try begins after it. */
  deadlineAt: number | null;
  /** Whether another try would be let through at all. */
  mayTry(): boolean;
  onRetry(error: ModelError): void;
  random: () => number;
  now: () => number;
}

/**
 * Opens the stream again after errors that a retry can help, as long as nothing was passed on.
 * Exponential with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"); a provider's retry-after goes before it.
 */
export async function* withRetries<T>(
  open: () => AsyncIterable<T>,
  retries: Retries,
  context: RetryContext,
): AsyncIterable<T> {
  for (let tries = 1; ; tries += 1) {
    let passedOn = false;
    try {
      for await (const element of open()) {
        passedOn = true;
        yield element;
      }
      return;
    } catch (thrown) {
      const error = toModelError(thrown, context.signal);
      const delay = delayOf(error, tries, retries, context.random);
      const late = context.deadlineAt !== null && context.now() + delay >= context.deadlineAt;
      const spent = tries >= retries.max_tries || delay > retries.max_wait_ms || late;
      if (passedOn || !error.retryable || spent || !context.mayTry()) throw error;
      context.onRetry(error);
      await wait(delay, undefined, { signal: context.signal }).catch((aborted: unknown) => {
        throw toModelError(aborted, context.signal);
      });
    }
  }
}

/** Milliseconds to the next try, after so many. */
export function delayOf(
  error: Pick<ModelError, 'retryAfter'>,
  tries: number,
  retries: Pick<Retries, 'base_ms' | 'cap_ms'>,
  random: () => number,
): number {
  if (error.retryAfter !== undefined) return error.retryAfter * 1000;
  return random() * Math.min(retries.cap_ms, retries.base_ms * 2 ** (tries - 1));
}
