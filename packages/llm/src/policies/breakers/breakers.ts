import CircuitBreaker from 'opossum';
import type { BreakerSettings } from '../../config/breaker.ts';
import { ModelError, toModelError } from '../../model-error.ts';
import type { OpeningsListener, SharedOpenings } from './shared-openings.ts';

export type BreakerState = 'closed' | 'half_open' | 'open';

export interface Breakers {
  /** Guards one stream from its opening to its end. An open breaker refuses at once; a half-open one lets one probe of all processes through. */
  guard<T>(key: string, open: () => AsyncIterable<T>): AsyncIterable<T>;
  state(key: string): BreakerState;
  states(): Record<string, BreakerState>;
  close(): void;
}

export interface BreakersDeps {
  settings: () => BreakerSettings;
  /** Shares openings with other processes; null keeps them here. */
  share: ((listener: OpeningsListener) => SharedOpenings) | null;
  onState(key: string, state: BreakerState): void;
  /** A key that nobody has named for long is kept no more. */
  onForgotten?(key: string): void;
  /** Breakers kept at most; 1,000 by default. */
  most?: number;
}

/** Callers may invent models, and each breaker has timers of its own. */
const MOST = 1_000;

type Breaker = CircuitBreaker<[() => Promise<void>], void>;

/** One opossum breaker for each key (`provider/model`), fed by the provider's failures: not by callers' mistakes, which it answered, nor by callers who left. */
export function createBreakers(deps: BreakersDeps): Breakers {
  const breakers = new Map<string, Breaker>();
  /** What each was made with: a closed one follows a change of the settings. */
  const madeWith = new Map<string, BreakerSettings>();
  /** The key whose change of state comes from another process right now: it is not told again. */
  let told: string | null = null;
  const shared = deps.share?.({
    onOpened: (key) => follow(key, (breaker) => breaker.open()),
    onClosed: (key) => follow(key, (breaker) => breaker.close()),
  });

  function follow(key: string, move: (breaker: Breaker) => void) {
    told = key;
    move(breakerOf(key));
    told = null;
  }

  function breakerOf(key: string): Breaker {
    const breaker = breakers.get(key);
    if (breaker && (!breaker.closed || madeWith.get(key) === deps.settings())) return breaker;
    return create(key, false);
  }

  function create(key: string, halfOpen: boolean): Breaker {
    const settings = deps.settings();
    const { error_percent, min_calls, window_ms, reset_ms } = settings;
    const breaker: Breaker = new CircuitBreaker((start: () => Promise<void>) => start(), {
      // A stream may rightly last minutes: stalls are the timeout policy's.
      timeout: false,
      errorThresholdPercentage: error_percent,
      volumeThreshold: min_calls,
      rollingCountTimeout: window_ms,
      rollingPercentilesEnabled: false,
      resetTimeout: reset_ms,
      errorFilter: (error: unknown) => error instanceof ModelError && !error.counts,
      ...(halfOpen
        ? { state: { enabled: true, closed: false, halfOpen: true, warmUp: false, shutdown: false } }
        : {}),
    } as CircuitBreaker.Options);
    breaker.on('open', () => {
      if (told !== key) shared?.open(key, reset_ms);
      deps.onState(key, 'open');
    });
    breaker.on('halfOpen', () => deps.onState(key, 'half_open'));
    breaker.on('close', () => {
      if (told !== key) shared?.close(key);
      deps.onState(key, 'closed');
    });
    breakers.get(key)?.shutdown();
    if (!breakers.has(key) && breakers.size >= (deps.most ?? MOST)) forgetOne();
    breakers.set(key, breaker);
    madeWith.set(key, settings);
    deps.onState(key, halfOpen ? 'half_open' : 'closed');
    return breaker;
  }

  /** The oldest that is closed: an open one is what it is kept for. */
  function forgetOne(): void {
    for (const [key, breaker] of breakers)
      if (breaker.closed) {
        breaker.shutdown();
        breakers.delete(key);
        madeWith.delete(key);
        deps.onForgotten?.(key);
        return;
      }
  }

  async function* guard<T>(key: string, open: () => AsyncIterable<T>): AsyncIterable<T> {
    if (!breakers.has(key)) await shared?.ready;
    const probe = breakerOf(key).halfOpen && shared ? await shared.leaseProbe(key) : undefined;
    const breaker = breakerOf(key);
    if (probe === null || !admits(breaker)) {
      probe?.release();
      throw new ModelError('breaker_open', `${key} has failed too often and rests for a while`);
    }
    // A probe is opossum's from its beginning: it lets through one.
    const probing = breaker.halfOpen ? Promise.withResolvers<void>() : null;
    if (probing) breaker.fire(() => probing.promise).catch(() => undefined);
    // An error is dear to make, and most calls end well.
    let end: ModelError | 'left' | null = 'left';
    try {
      yield* open();
      end = null;
    } catch (thrown) {
      end = toModelError(thrown);
      throw thrown;
    } finally {
      // A caller who left, or had no more time, says nothing about the provider: the next one probes.
      const says = end === null || (end !== 'left' && !end.byCaller);
      if (probing) {
        if (end === null) probing.resolve();
        else if (says) probing.reject(end);
        else if (breakers.get(key) === breaker) create(key, true);
      } else if (says && breaker.closed) count(breaker, end);
      // opossum learns of the end in a microtask and tells of it then.
      if (probe) setImmediate(() => probe.release());
    }
  }

  return {
    guard,
    state(key) {
      const breaker = breakers.get(key);
      return breaker ? stateOf(breaker) : 'closed';
    },
    states: () => Object.fromEntries([...breakers].map(([key, breaker]) => [key, stateOf(breaker)])),
    close() {
      shared?.end();
      for (const breaker of breakers.values()) breaker.shutdown();
    },
  };
}

/** What was fired and has not failed counts as a success with opossum: of other calls than probes it hears when they have ended, and only of those that say something. */
function count(breaker: Breaker, end: unknown): void {
  breaker.fire(() => (end === null ? Promise.resolve() : Promise.reject(end))).catch(() => undefined);
}

/** opossum lets calls through when closed, and one when half-open. */
function admits(breaker: Breaker): boolean {
  return breaker.closed || breaker.pendingClose;
}

function stateOf(breaker: Breaker): BreakerState {
  if (breaker.opened) return 'open';
  return breaker.halfOpen ? 'half_open' : 'closed';
}
