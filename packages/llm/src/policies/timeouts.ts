import type { OwnTimeouts, Timeouts } from '../config/timeouts.ts';
import { ModelError } from '../model-error.ts';
import { endedWith } from './ended-with.ts';

export type TimeoutPhase = 'connect' | 'first_token' | 'between_tokens' | 'total' | 'deadline';

export interface TimeoutContext {
  signal: AbortSignal;
  /** A whole reply has its total time and no other. */
  streaming: boolean;
  /** The caller's, which hold where they are shorter. */
  own?: OwnTimeouts | undefined;
  /** `deadline`: a limit of the caller's. */
  onTimeout(phase: TimeoutPhase): void;
}

const STALLED = {
  first_token: 'the model gave no first token',
  between_tokens: 'the model gave no further token',
};

/** A whole reply may take so many times its total time when its reader takes long. */
const READER_SHARE = 2;

/**
 * Ends a stream that stalls with a `timeout` error. What comes without making an element, as `open` tells by `onPiece`, is no
 * stall. The time that a slow consumer takes between two elements is the provider's neither: it does not count into the
 * total. Twice the total is the end all the same, as a `deadline`: the reader's, not the provider's.
 */
export async function* withTimeouts<T>(
  open: (signal: AbortSignal, onPiece: () => void) => AsyncIterable<T>,
  timeouts: Timeouts,
  context: TimeoutContext,
): AsyncIterable<T> {
  const { signal } = context;
  const expiry = endedWith(signal);
  const end = (phase: TimeoutPhase, error: ModelError) => {
    if (expiry.signal.aborted) return;
    context.onTimeout(phase);
    expiry.end(error);
  };
  const stalls = (phase: 'first_token' | 'between_tokens') => {
    if (!context.streaming) return undefined;
    const configured = timeouts[`${phase}_ms`];
    const own = context.own?.[`${phase}_ms`] ?? configured;
    const byCaller = own < configured;
    const ms = byCaller ? own : configured;
    return setTimeout(
      () =>
        end(
          byCaller ? 'deadline' : phase,
          new ModelError('timeout', `${STALLED[phase]} within ${ms} ms`, { byCaller }),
        ),
      ms,
    );
  };

  const most = timeouts.total_ms * READER_SHARE;
  const startedAt = performance.now();
  /** Milliseconds with the consumer; `heldSince` while one lasts. */
  let heldMs = 0;
  let heldSince: number | null = null;
  const expireTotal = () => {
    const now = performance.now();
    const took = now - startedAt;
    const held = heldMs + (heldSince === null ? 0 : now - heldSince);
    const left = Math.min(timeouts.total_ms - (took - held), most - took);
    // A timer may fire a millisecond early.
    if (left > 1) total = setTimeout(expireTotal, left);
    else if (took - held + 1 >= timeouts.total_ms)
      end('total', new ModelError('timeout', `the model was not done within ${timeouts.total_ms} ms`));
    else end('deadline', new ModelError('deadline', `the reply was not read within ${most} ms`));
  };
  let total = setTimeout(expireTotal, timeouts.total_ms);
  let stall = stalls('first_token');
  try {
    for await (const element of open(expiry.signal, () => stall?.refresh())) {
      clearTimeout(stall);
      heldSince = performance.now();
      yield element;
      heldMs += performance.now() - heldSince;
      heldSince = null;
      stall = stalls('between_tokens');
    }
  } catch (thrown) {
    if (expiry.signal.aborted && !signal.aborted) throw expiry.signal.reason;
    const { kind, byCaller } = thrown instanceof ModelError ? thrown : {};
    // None of ours has run out: the provider's connection did not come about in time.
    if (kind === 'timeout') context.onTimeout(byCaller ? 'deadline' : 'connect');
    if (kind === 'deadline') context.onTimeout('deadline');
    throw thrown;
  } finally {
    clearTimeout(total);
    clearTimeout(stall);
    expiry.unlink();
  }
}
