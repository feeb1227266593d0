import { PlanyardError } from '@planyard/contracts';
import type { ChatEvent, ChatRequest, Provider } from './contract.ts';
import type { LlmMetrics } from './metrics.ts';
import { formatModelName, parseModelName } from './model-name.ts';
import { type BreakerState, type Breakers, createBreakers } from './policies/breakers.ts';
import { type CallInfo, type Recording, recorded } from './policies/record.ts';
import { DEFAULT_RETRIES, type Retries, withRetries } from './policies/retries.ts';
import { DEFAULT_TIMEOUTS, type Timeouts, withTimeouts } from './policies/timeouts.ts';
import { PRICES, type PriceTable } from './prices.ts';

export interface ModelsDeps {
  providers: Provider[];
  metrics: LlmMetrics;
  prices?: PriceTable;
  timeouts?: Timeouts;
  retries?: Retries;
  breakers?: Breakers;
  now?: () => number;
  random?: () => number;
}

export interface ChatCall extends CallInfo {
  /** `provider/model`. */
  model: string;
  request: ChatRequest;
  signal: AbortSignal;
  /** Milliseconds since the epoch: no retry is begun that would start after it. */
  deadline_at: number | null;
  onCall: Recording['onCall'];
}

/** Every model of every provider, behind one door with all policies on. */
export interface Models {
  /** Streams one reply. Throws `ModelError`. */
  chat(call: ChatCall): AsyncIterable<ChatEvent>;
  breakerStates(): Record<string, BreakerState>;
  close(): void;
}

/** Composes the policies, outermost first: retries, breaker, record, timeouts, provider. */
export function createModels(deps: ModelsDeps): Models {
  const providers = new Map(deps.providers.map((provider) => [provider.name, provider]));
  const { timeouts = DEFAULT_TIMEOUTS, retries = DEFAULT_RETRIES, prices = PRICES } = deps;
  const { now = Date.now, random = Math.random } = deps;
  const breakers = deps.breakers ?? createBreakers();

  function chat(call: ChatCall): AsyncIterable<ChatEvent> {
    const name = parseModelName(call.model);
    const provider = providers.get(name.provider);
    if (!provider)
      throw new PlanyardError(
        'invalid_config',
        `there is no provider ${name.provider}; there are: ${[...providers.keys()].join(', ')}`,
      );
    const { signal } = call;
    const recording: Recording = { metrics: deps.metrics, prices, now, onCall: call.onCall };
    const info: CallInfo = {
      purpose: call.purpose,
      agent: call.agent,
      request_id: call.request_id,
      prompt: call.prompt,
    };
    const ask = (inner: AbortSignal) => provider.chat(name.model, call.request, inner);
    const timed = () => withTimeouts(ask, timeouts, signal);
    const seen = () => recorded(timed, name, info, recording, signal);
    const guarded = () => breakers.guard(formatModelName(name), seen);
    return withRetries(guarded, retries, { signal, deadlineAt: call.deadline_at, random, now });
  }

  return { chat, breakerStates: () => breakers.states(), close: () => breakers.close() };
}
