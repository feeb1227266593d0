import { type ModelError, type ModelErrorKind, toModelError } from '../model-error.ts';
import type { Target } from './targets.ts';

/** Where a call goes after an error: to the next model, to a larger one, or nowhere, since each would refuse it. */
const AFTER: Record<ModelErrorKind, 'next' | 'larger' | 'nowhere'> = {
  connection: 'next',
  timeout: 'next',
  deadline: 'nowhere',
  rate_limited: 'next',
  server: 'next',
  bad_reply: 'next',
  breaker_open: 'next',
  limited: 'next',
  quota: 'next',
  model_not_found: 'next',
  context_overflow: 'larger',
  auth: 'nowhere',
  bad_request: 'nowhere',
  cancelled: 'nowhere',
};

export interface FallbackContext {
  signal: AbortSignal;
  /** Milliseconds since the epoch: no other model is asked after it. */
  deadlineAt: number | null;
  onFallback(from: Target, to: Target, error: ModelError): void;
  now: () => number;
}

/**
 * Opens the stream at each target in turn until one answers. Only before anything was passed on: after that the error is
 * the caller's. When all fail, throws the last error that says more than that a breaker is open.
 */
export async function* withFallback<T>(
  /** Asked when the call begins, not before: the standing of equals changes. */
  targets: () => Target[],
  open: (target: Target) => AsyncIterable<T>,
  context: FallbackContext,
): AsyncIterable<T> {
  let [target, ...left] = targets() as [Target, ...Target[]];
  let telling: ModelError | null = null;
  for (;;) {
    let passedOn = false;
    try {
      for await (const element of open(target)) {
        passedOn = true;
        yield element;
      }
      return;
    } catch (thrown) {
      const error = toModelError(thrown, context.signal);
      if (passedOn) throw error;
      if (telling === null || error.kind !== 'breaker_open') telling = error;
      const late = context.deadlineAt !== null && context.now() >= context.deadlineAt;
      const [next, ...others] = late ? [] : openTo(error.kind, target, left);
      if (!next) throw telling;
      context.onFallback(target, next, error);
      [target, left] = [next, others];
    }
  }
}

function openTo(kind: ModelErrorKind, failed: Target, left: Target[]): Target[] {
  switch (AFTER[kind]) {
    case 'next':
      return left;
    case 'larger':
      return left.filter((each) => isLarger(each, failed));
    case 'nowhere':
      return [];
  }
}

/** One of unknown size may be larger. */
function isLarger(one: Target, other: Target): boolean {
  if (one.context_tokens === null || other.context_tokens === null) return true;
  return one.context_tokens > other.context_tokens;
}
