import CircuitBreaker from 'opossum';
import type { BreakerSettings } from '../config/breaker.ts';
import { ModelError, toModelError } from '../model-error.ts';

export type BreakerState = 'closed' | 'half_open' | 'open';

export interface Breakers {
  /** Guards one stream from its opening to its end. An open breaker refuses at once. */
  guard<T>(key: string, open: () => AsyncIterable<T>): AsyncIterable<T>;
  state(key: string): BreakerState;
  states(): Record<string, BreakerState>;
  close(): void;
}

type Guarded = (start: () => Promise<void>) => Promise<void>;

/** One opossum breaker for each key (`provider/model`), fed by the provider's failures and not by callers' mistakes. */
export function createBreakers(settings: () => BreakerSettings): Breakers {
  const breakers = new Map<string, CircuitBreaker<Parameters<Guarded>, void>>();

  function breakerOf(key: string) {
    let breaker = breakers.get(key);
    if (!breaker) {
      const { error_percent, min_calls, window_ms, reset_ms } = settings();
      breaker = new CircuitBreaker<Parameters<Guarded>, void>((start) => start(), {
        // A stream may rightly last minutes: stalls are the timeout policy's.
        timeout: false,
        errorThresholdPercentage: error_percent,
        volumeThreshold: min_calls,
        rollingCountTimeout: window_ms,
        resetTimeout: reset_ms,
        errorFilter: (error: unknown) => error instanceof ModelError && !error.counts,
      });
      breakers.set(key, breaker);
    }
    return breaker;
  }

  async function* guard<T>(key: string, open: () => AsyncIterable<T>): AsyncIterable<T> {
    const ended = Promise.withResolvers<void>();
    let started = false;
    // opossum calls the action synchronously, or not at all when it is open.
    breakerOf(key)
      .fire(() => {
        started = true;
        return ended.promise;
      })
      .catch(() => undefined);
    if (!started) throw new ModelError('breaker_open', `${key} has failed too often and rests for a while`);
    let end: ModelError | null = new ModelError('cancelled', 'the caller left');
    try {
      yield* open();
      end = null;
    } catch (thrown) {
      end = toModelError(thrown);
      throw thrown;
    } finally {
      if (end === null) ended.resolve();
      else ended.reject(end);
    }
  }

  function stateOf(breaker: CircuitBreaker<Parameters<Guarded>, void>): BreakerState {
    if (breaker.opened) return 'open';
    return breaker.halfOpen ? 'half_open' : 'closed';
  }

  return {
    guard,
    state(key) {
      const breaker = breakers.get(key);
      return breaker ? stateOf(breaker) : 'closed';
    },
    states: () => Object.fromEntries([...breakers].map(([key, breaker]) => [key, stateOf(breaker)])),
    close: () => {
      for (const breaker of breakers.values()) breaker.shutdown();
    },
  };
}
