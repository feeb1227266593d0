import type { Timeouts } from '../config/timeouts.ts';
import { ModelError } from '../model-error.ts';
import { endedWith } from './ended-with.ts';

export type TimeoutPhase = 'connect' | 'first_token' | 'between_tokens' | 'total' | 'deadline';

export interface TimeoutContext {
  signal: AbortSignal;
  /** A whole reply has its total time and no other. */
  streaming: boolean;
  onTimeout(phase: TimeoutPhase): void;
}

/** Ends a stream that stalls with a `timeout` error. What comes without making an element, as `open` tells by `onPiece`, is no stall; the time a slow consumer takes between two elements is none either. */
export async function* withTimeouts<T>(
  open: (signal: AbortSignal, onPiece: () => void) => AsyncIterable<T>,
  timeouts: Timeouts,
  context: TimeoutContext,
): AsyncIterable<T> {
  const { signal } = context;
  const expiry = endedWith(signal);
  const expire = (phase: TimeoutPhase, what: string, ms: number) =>
    setTimeout(() => {
      if (expiry.signal.aborted) return;
      context.onTimeout(phase);
      expiry.end(new ModelError('timeout', `${what} within ${ms} ms`));
    }, ms);
  const total = expire('total', 'the model was not done', timeouts.total_ms);
  const stalls = (phase: TimeoutPhase, what: string, ms: number) =>
    context.streaming ? expire(phase, what, ms) : undefined;
  let stall = stalls('first_token', 'the model gave no first token', timeouts.first_token_ms);
  try {
    for await (const element of open(expiry.signal, () => stall?.refresh())) {
      clearTimeout(stall);
      yield element;
      stall = stalls('between_tokens', 'the model gave no further token', timeouts.between_tokens_ms);
    }
  } catch (thrown) {
    if (expiry.signal.aborted && !signal.aborted) throw expiry.signal.reason;
    const kind = thrown instanceof ModelError ? thrown.kind : null;
    // None of ours has run out: the provider's connection did not come about in time.
    if (kind === 'timeout') context.onTimeout('connect');
    if (kind === 'deadline') context.onTimeout('deadline');
    throw thrown;
  } finally {
    clearTimeout(total);
    clearTimeout(stall);
    expiry.unlink();
  }
}
