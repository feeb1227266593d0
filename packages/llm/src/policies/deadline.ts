import { LONGEST_TIMER_MS } from '@planyard/contracts';
import { ModelError } from '../model-error.ts';
import { endedWith } from './ended-with.ts';

/**
 * Ends a whole call, its tries and waits together, at the caller's deadline, with an error of its own kind: how long a caller
 * waits says nothing about the provider.
 */
export async function* withDeadline<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  deadlineAt: number,
  signal: AbortSignal,
  now: () => number,
): AsyncIterable<T> {
  const expiry = endedWith(signal);
  const expire = () =>
    expiry.end(new ModelError('deadline', 'the call was not done in the time that its caller gave it'));
  const timer = setTimeout(expire, Math.min(LONGEST_TIMER_MS, Math.max(0, deadlineAt - now())));
  try {
    yield* open(expiry.signal);
  } finally {
    clearTimeout(timer);
    expiry.unlink();
  }
}
