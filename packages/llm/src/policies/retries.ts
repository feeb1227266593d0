import { setTimeout as wait } from 'node:timers/promises';
import type { ChatEvent } from '../contract.ts';
import { type ModelError, toModelError } from '../model-error.ts';

export interface Retries {
  max_tries: number;
  base_ms: number;
  cap_ms: number;
  /** A provider that asks for a longer wait is given up. */
  max_wait_ms: number;
}

export const DEFAULT_RETRIES: Retries = { max_tries: 3, base_ms: 300, cap_ms: 8_000, max_wait_ms: 30_000 };

/**
 * Opens the stream again after errors that a retry can help, as long as nothing was passed on.
 * Exponential with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"); a provider's retry-after goes before it.
 */
export async function* withRetries(
  open: () => AsyncIterable<ChatEvent>,
  retries: Retries,
  context: { signal: AbortSignal; deadlineAt: number | null; random: () => number; now: () => number },
): AsyncIterable<ChatEvent> {
  for (let tries = 1; ; tries += 1) {
    let passedOn = false;
    try {
      for await (const event of open()) {
        passedOn = true;
        yield event;
      }
      return;
    } catch (thrown) {
      const error = toModelError(thrown, context.signal);
      const delay = delayOf(error, tries, retries, context.random);
      const late = context.deadlineAt !== null && context.now() + delay >= context.deadlineAt;
      if (passedOn || !error.retryable || tries >= retries.max_tries || delay > retries.max_wait_ms || late)
        throw error;
      await wait(delay, undefined, { signal: context.signal }).catch((aborted: unknown) => {
        throw toModelError(aborted, context.signal);
      });
    }
  }
}

function delayOf(error: ModelError, tries: number, retries: Retries, random: () => number): number {
  if (error.retryAfter !== undefined) return error.retryAfter * 1000;
  return random() * Math.min(retries.cap_ms, retries.base_ms * 2 ** (tries - 1));
}
