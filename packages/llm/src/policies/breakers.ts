import CircuitBreaker from 'opossum';
import type { ChatEvent } from '../contract.ts';
import { ModelError, toModelError } from '../model-error.ts';

export interface BreakerSettings {
  /** Share of failed calls that opens it. */
  error_percent: number;
  /** Calls in the window before the share counts. */
  min_calls: number;
  window_ms: number;
  reset_ms: number;
}

export const DEFAULT_BREAKER: BreakerSettings = {
  error_percent: 50,
  min_calls: 5,
  window_ms: 60_000,
  reset_ms: 15_000,
};

export type BreakerState = 'closed' | 'half_open' | 'open';

export interface Breakers {
  /** Guards one stream from its opening to its end. An open breaker refuses at once. */
  guard(key: string, open: () => AsyncIterable<ChatEvent>): AsyncIterable<ChatEvent>;
  states(): Record<string, BreakerState>;
  close(): void;
}

type Guarded = (start: () => Promise<void>) => Promise<void>;

/** One opossum breaker for each key (`provider/model`), fed by the provider's failures and not by callers' mistakes. */
export function createBreakers(settings: BreakerSettings = DEFAULT_BREAKER): Breakers {
  const breakers = new Map<string, CircuitBreaker<Parameters<Guarded>, void>>();

  function breakerOf(key: string) {
    let breaker = breakers.get(key);
    if (!breaker) {
      breaker = new CircuitBreaker<Parameters<Guarded>, void>((start) => start(), {
        // A stream may rightly last minutes: stalls are the timeout policy's.
        timeout: false,
        errorThresholdPercentage: settings.error_percent,
        volumeThreshold: settings.min_calls,
        rollingCountTimeout: settings.window_ms,
        resetTimeout: settings.reset_ms,
        errorFilter: (error: unknown) => error instanceof ModelError && !error.counts,
      });
      breakers.set(key, breaker);
    }
    return breaker;
  }

  async function* guard(key: string, open: () => AsyncIterable<ChatEvent>): AsyncIterable<ChatEvent> {
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
    states: () => Object.fromEntries([...breakers].map(([key, breaker]) => [key, stateOf(breaker)])),
    close: () => {
      for (const breaker of breakers.values()) breaker.shutdown();
    },
  };
}
