import type { Caller, ModelCall } from '@planyard/contracts';
import type { Timeouts } from './config/timeouts.ts';
import type { ChatEvent, ChatRequest } from './contract.ts';
import type { LlmLog } from './log.ts';
import { BREAKER_VALUE, type LlmMetrics } from './metrics.ts';
import { parseModelName } from './model-name.ts';
import { type BreakerState, createBreakers } from './policies/breakers/breakers.ts';
import { shareOpenings } from './policies/breakers/shared-openings.ts';
import { withFallback } from './policies/fallback.ts';
import { CHAT_METER, type Meter } from './policies/meter.ts';
import { type CallInfo, labelsOf, recorded } from './policies/record.ts';
import { withRetries } from './policies/retries.ts';
import { createStanding } from './policies/standing.ts';
import { type Target, targetsOf } from './policies/targets.ts';
import { withTimeouts } from './policies/timeouts.ts';
import type { LlmRedis } from './redis/connection.ts';
import type { ModelSettings } from './settings.ts';

export interface ModelsDeps {
  /** Asked at the beginning of each call: what was reloaded holds from the next one on. */
  settings: () => ModelSettings;
  metrics: LlmMetrics;
  /** What processes share lies here; null: nothing is shared. */
  redis: LlmRedis | null;
  log: LlmLog;
  now?: () => number;
  random?: () => number;
}

/** What every call says about itself. */
export interface CallContext extends CallInfo {
  /** The name of a route, or `provider/model`. */
  model: string;
  /** Who asks; null where nobody has a key. */
  caller: Caller | null;
  signal: AbortSignal;
  /** Milliseconds since the epoch: no retry and no other model is begun after it. */
  deadline_at: number | null;
  /** Over those of the settings, for this call. */
  timeouts?: Partial<Timeouts>;
  /** Gets each try once it is over. */
  onCall: (call: ModelCall) => void | Promise<void>;
}

export interface ChatCall extends CallContext {
  request: ChatRequest;
}

/** A call of one's own making under the same policies: `open` is asked once for each try, with the model to ask. */
export interface StreamCall<T> extends CallContext {
  /** Whether the provider is asked to stream; goes into the metrics. */
  streaming: boolean;
  open: (target: Target, signal: AbortSignal) => AsyncIterable<T>;
  meter: Meter<T>;
}

/** Every model of every provider, behind one door with all policies on. */
export interface Models {
  /** One reply, in events. Throws `ModelError`, and `unknown_model` for a name that is none. */
  chat(call: ChatCall): AsyncIterable<ChatEvent>;
  stream<T>(call: StreamCall<T>): AsyncIterable<T>;
  /** By `provider/model`. */
  breakerStates(): Record<string, BreakerState>;
  close(): void;
}

/** Composes the policies, outermost first: route (for each model: retries, breaker, record, timeouts, provider). */
export function createModels(deps: ModelsDeps): Models {
  const { metrics, redis, log, now = Date.now, random = Math.random } = deps;
  const breakers = createBreakers({
    settings: () => deps.settings().breaker,
    share: redis && ((listener) => shareOpenings({ ...redis, log }, listener)),
    onState: (id, state) => metrics.breaker.set({ ...parseModelName(id) }, BREAKER_VALUE[state]),
  });
  const standing = createStanding(now);

  function stream<T>(call: StreamCall<T>): AsyncIterable<T> {
    const settings = deps.settings();
    const { signal } = call;
    const labels = (target: Target) => labelsOf(target.name, call);
    const recording = { ...call, info: call, metrics, prices: settings.prices, now };

    function ask(target: Target): AsyncIterable<T> {
      const { id, name } = target;
      const timeouts = {
        ...settings.timeouts,
        ...settings.provider_timeouts[name.provider],
        ...call.timeouts,
      };
      const timed = () =>
        withTimeouts((inner) => call.open(target, inner), timeouts, {
          signal,
          onTimeout: (phase) => metrics.timeouts.inc({ ...labels(target), phase }),
        });
      const seen = () => recorded(timed, name, recording);
      const guarded = () => breakers.guard(id, seen);
      const retried = () =>
        withRetries(guarded, settings.retries, {
          signal,
          deadlineAt: call.deadline_at,
          mayTry: () => breakers.state(id) !== 'open',
          onRetry: (error) => metrics.retries.inc({ ...labels(target), error_type: error.kind }),
          random,
          now,
        });
      return standing.watch(id, retried);
    }

    return withFallback(targetsOf(settings, call.model, standing, random), ask, {
      signal,
      deadlineAt: call.deadline_at,
      onFallback: (from, to, error) =>
        metrics.fallbacks.inc({
          ...labels(from),
          to_provider: to.name.provider,
          to_model: to.name.model,
          error_type: error.kind,
        }),
      now,
    });
  }

  function chat(call: ChatCall): AsyncIterable<ChatEvent> {
    return stream({
      ...call,
      streaming: call.request.stream !== false,
      open: (target, signal) => target.provider.chat(target.name.model, call.request, signal),
      meter: CHAT_METER,
    });
  }

  return { chat, stream, breakerStates: () => breakers.states(), close: () => breakers.close() };
}
