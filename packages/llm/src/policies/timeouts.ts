import type { ChatEvent } from '../contract.ts';
import { ModelError } from '../model-error.ts';

/** Milliseconds. `connect` belongs to the provider's connection and is set there. */
export interface Timeouts {
  connect_ms: number;
  first_token_ms: number;
  between_tokens_ms: number;
  total_ms: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  connect_ms: 5_000,
  first_token_ms: 60_000,
  between_tokens_ms: 30_000,
  total_ms: 300_000,
};

/** Ends a stream that stalls with a `timeout` error. The time a slow consumer takes between two events is not counted as a stall. */
export async function* withTimeouts(
  open: (signal: AbortSignal) => AsyncIterable<ChatEvent>,
  timeouts: Timeouts,
  signal: AbortSignal,
): AsyncIterable<ChatEvent> {
  const expiry = new AbortController();
  const expire = (what: string, ms: number) =>
    setTimeout(() => expiry.abort(new ModelError('timeout', `${what} within ${ms} ms`)), ms);
  const total = expire('the model was not done', timeouts.total_ms);
  let stall = expire('the model gave no first token', timeouts.first_token_ms);
  try {
    for await (const event of open(AbortSignal.any([signal, expiry.signal]))) {
      clearTimeout(stall);
      yield event;
      stall = expire('the model gave no further token', timeouts.between_tokens_ms);
    }
  } catch (thrown) {
    throw expiry.signal.aborted && !signal.aborted ? expiry.signal.reason : thrown;
  } finally {
    clearTimeout(total);
    clearTimeout(stall);
  }
}
