import { type BreakerState, PlanyardError, type ToolName } from '@planyard/contracts';
import CircuitBreaker from 'opossum';

export interface BreakerSettings {
  /** It opens above this share of failed calls, in percent. */
  error_percent: number;
  /** Calls in the window before the share counts. */
  min_calls: number;
  window_ms: number;
  /** Rest before a probe. */
  reset_ms: number;
}

/** How a call ended: nothing is said of the tool by a caller's mistake or one who left. */
export type CallEnd = 'worked' | 'failed' | 'says_nothing';

export interface ToolBreakers {
  /** Throws `tool_breaker_open` where the tool rests, or its probe is under way. The function is to be told how the call ended. */
  enter(tool: ToolName): (end: CallEnd) => void;
  state(tool: ToolName): BreakerState;
  close(): void;
}

type Breaker = CircuitBreaker<[() => Promise<void>], void>;

/**
 * One opossum breaker for each tool that was called here. What was fired and has not failed counts as a success with
 * opossum: of calls it hears when they have ended, and only of those that say something; of a probe from its beginning.
 */
export function createToolBreakers(settings: BreakerSettings): ToolBreakers {
  const breakers = new Map<ToolName, Breaker>();

  function create(tool: ToolName, halfOpen: boolean): Breaker {
    breakers.get(tool)?.shutdown();
    const breaker: Breaker = new CircuitBreaker((start: () => Promise<void>) => start(), {
      // Steps have a timeout of their own.
      timeout: false,
      errorThresholdPercentage: settings.error_percent,
      volumeThreshold: settings.min_calls,
      rollingCountTimeout: settings.window_ms,
      rollingPercentilesEnabled: false,
      resetTimeout: settings.reset_ms,
      ...(halfOpen
        ? { state: { enabled: true, closed: false, halfOpen: true, warmUp: false, shutdown: false } }
        : {}),
    } as CircuitBreaker.Options);
    breakers.set(tool, breaker);
    return breaker;
  }

  return {
    enter(tool) {
      const breaker = breakers.get(tool) ?? create(tool, false);
      if (!breaker.closed && !breaker.pendingClose)
        throw new PlanyardError('tool_breaker_open', `${tool} has failed too often and rests for a while`);
      if (breaker.closed)
        return (end) => {
          if (end !== 'says_nothing' && breakers.get(tool) === breaker && breaker.closed)
            fire(breaker, end === 'worked' ? Promise.resolve() : Promise.reject(new Error('failed')));
        };
      const probing = Promise.withResolvers<void>();
      fire(breaker, probing.promise);
      return (end) => {
        if (end === 'worked') probing.resolve();
        else if (end === 'failed') probing.reject(new Error('failed'));
        // The next call probes.
        else if (breakers.get(tool) === breaker) create(tool, true);
      };
    },
    state(tool) {
      const breaker = breakers.get(tool);
      if (!breaker || breaker.closed) return 'closed';
      return breaker.halfOpen ? 'half_open' : 'open';
    },
    close() {
      for (const breaker of breakers.values()) breaker.shutdown();
    },
  };
}

function fire(breaker: Breaker, end: Promise<void>): void {
  // What it rejects with is the caller's to tell.
  breaker.fire(() => end).catch(() => undefined);
}
