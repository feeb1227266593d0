import type { Tracer } from '@opentelemetry/api';
import type { Caller, Json, ModelCall, Usage } from '@planyard/contracts';
import type { Timeouts } from './config/timeouts.ts';
import type { ChatEvent, ChatRequest, Embeddings } from './contract.ts';
import { createLeasedLedger } from './ledger/leased-ledger.ts';
import { createLedger } from './ledger/ledger.ts';
import type { LlmLog } from './log.ts';
import { BREAKER_VALUE, type LlmMetrics } from './metrics.ts';
import { ModelError } from './model-error.ts';
import { type ModelName, parseModelName } from './model-name.ts';
import {
  type AdmissionContext,
  type LimitStanding,
  type Used,
  withAdmission,
  withTargetLimits,
} from './policies/admission.ts';
import { type BreakerState, createBreakers } from './policies/breakers/breakers.ts';
import { shareOpenings } from './policies/breakers/shared-openings.ts';
import type { BudgetScope } from './policies/budgets.ts';
import type { ReplyCache } from './policies/cache/reply-cache.ts';
import { createSimilarQuestions, type Question, questionOf } from './policies/cache/similar-questions.ts';
import { type CacheUse, cacheKey, type Kept, replay, withCache } from './policies/cache/with-cache.ts';
import { withSimilar } from './policies/cache/with-similar.ts';
import { chatDemand, type Demand, embedDemand } from './policies/demand.ts';
import { withFallback } from './policies/fallback.ts';
import { CHAT_METER, type Meter } from './policies/meter.ts';
import { createOutputCheck } from './policies/output/check-output.ts';
import { withOutput } from './policies/output/with-output.ts';
import { type CallInfo, labelsOf, NO_USAGE, recorded } from './policies/record.ts';
import { withRetries } from './policies/retries.ts';
import { createStanding } from './policies/standing.ts';
import { inOrder, type Target, targetsOf } from './policies/targets.ts';
import { withTimeouts } from './policies/timeouts.ts';
import { traceCall } from './policies/trace-call.ts';
import type { LlmRedis } from './redis/connection.ts';
import type { ModelSettings } from './settings.ts';

export interface ModelsDeps {
  /** Asked at the beginning of each call: what was reloaded holds from the next one on. */
  settings: () => ModelSettings;
  metrics: LlmMetrics;
  /** What processes share lies here; null: nothing is shared. */
  redis: LlmRedis | null;
  log: LlmLog;
  /** Where replies are kept; null keeps none. */
  cache: ReplyCache | null;
  /** Gets a span of each try; null where nobody traces. */
  tracer: Tracer | null;
  /** Takes secrets out of a text before a record holds it. */
  redact: (text: string) => string;
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
  /** The run it belongs to; its budget is that of all calls of the run. */
  run_id?: string | null;
  /** Budgets on top of those of the settings. */
  budgets?: BudgetScope[];
  /** Milliseconds to wait for a limit of the caller's rather than to refuse; 0 by default. */
  patience_ms?: number;
  /** Where the caller's limits stand, once the call is let through. */
  onLimits?: (standings: LimitStanding[]) => void;
  /** `use`: a kept reply will do, whatever the temperature; `off`: none will. */
  cache?: 'use' | 'off' | undefined;
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
  demand: Demand;
  /** `maxTokens`: what a budget affords the answer of a call that did not say; null: as asked. */
  open: (target: Target, signal: AbortSignal, maxTokens: number | null) => AsyncIterable<T>;
  meter: Meter<T>;
  /** What is asked, for records that hold it. */
  input: () => unknown;
  /** How its elements are kept where a reply may be given again; see `mayKeep`. */
  kept?: Kept<T> | null;
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

/** A call without what it asks of a provider. */
interface DescribedCall<T> extends Omit<StreamCall<T>, 'open'> {
  question?: Question | null;
}

type Attempt<T> = (
  target: Target,
  maxTokens: number | null,
  timed: (open: (signal: AbortSignal, onPiece: () => void) => AsyncIterable<T>) => AsyncIterable<T>,
) => AsyncIterable<T>;

/** Composes the policies, outermost first: cache (the calls in flight included), limits of the caller and budgets, route (for each model: its limits, retries, breaker, record, output, timeouts, provider). */
export function createModels(deps: ModelsDeps): Models {
  const { metrics, redis, log, cache, tracer, now = Date.now, random = Math.random } = deps;
  const breakers = createBreakers({
    settings: () => deps.settings().breaker,
    share: redis && ((listener) => shareOpenings({ ...redis, log }, listener)),
    onState: (id, state) => metrics.breaker.set({ ...parseModelName(id) }, BREAKER_VALUE[state]),
  });
  const standing = createStanding(now);
  const ledger = redis && createLeasedLedger(createLedger({ ...redis, log }));

  const checkOutput = createOutputCheck();

  /** `attempt` makes one try; what it asks of the provider it asks within the time limits. */
  function run<T>(call: DescribedCall<T>, attempt: Attempt<T>): AsyncIterable<T> {
    const settings = deps.settings();
    const { signal } = call;
    const labels = (target: Target) => labelsOf(target.name, call);
    const { demand } = call;
    const admission: AdmissionContext = {
      settings,
      ledger,
      caller: call.caller,
      run_id: call.run_id ?? null,
      budgets: call.budgets ?? [],
      patience_ms: call.patience_ms ?? 0,
      deadlineAt: call.deadline_at,
      signal,
      onLimits: call.onLimits,
      now,
      random,
    };
    const usedByAll: Used = { tokens: 0, usd: 0 };
    let answeredBy: ModelName | null = null;

    function ask(target: Target, maxTokens: number | null): AsyncIterable<T> {
      const { id, name } = target;
      answeredBy = name;
      const used: Used = { tokens: 0, usd: 0 };
      const recording = {
        ...call,
        info: call,
        audited: settings.audit.content
          ? (text: string) => deps.redact(text.slice(0, settings.audit.content_chars))
          : null,
        async onCall(record: ModelCall) {
          const { protocol } = target.provider;
          if (tracer)
            traceCall(tracer, record, { protocol, run_id: call.run_id ?? null, caller: call.caller });
          await call.onCall(record);
        },
        metrics,
        prices: settings.prices,
        tier: demand.tier,
        inputTokens: demand.input_tokens,
        onUsed(usage: Usage, costUsd: number | null) {
          for (const each of [used, usedByAll]) {
            each.tokens += usage.input_tokens + usage.output_tokens;
            each.usd += costUsd ?? 0;
          }
        },
        now,
      };
      const timeouts = {
        ...settings.timeouts,
        ...settings.provider_timeouts[name.provider],
        ...call.timeouts,
      };
      const timed = (open: (signal: AbortSignal, onPiece: () => void) => AsyncIterable<T>) =>
        withTimeouts(open, timeouts, {
          signal,
          streaming: call.streaming,
          onTimeout: (phase) => metrics.timeouts.inc({ ...labels(target), phase }),
        });
      const seen = () => recorded(() => attempt(target, maxTokens, timed), name, recording);
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
      // Counted in flight from the moment it is chosen: else those that choose meanwhile would choose alike.
      return standing.watch(id, () => withTargetLimits(target, demand, used, retried, admission));
    }

    const targets = targetsOf(settings, call.model);
    const choose = settings.routes[call.model]?.choose ?? 'weight';
    const routed = (allowed: Target[], maxTokens: number | null) =>
      withFallback(
        () => inOrder(allowed, choose, standing, random),
        (target) => ask(target, maxTokens),
        {
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
        },
      );
    const made = () => withAdmission(targets, demand, usedByAll, routed, admission);
    const { kept } = call;
    if (!cache || !kept || !settings.cache.enabled) return made();
    const replying = {
      kept,
      observe: (result: CacheUse) =>
        metrics.cache.inc({ model: call.model, agent: call.agent ?? 'none', result }),
      onReplay: async (name: ModelName) => call.onCall(replayed(name, call, now())),
    };
    const key = cacheKey(call.caller?.tenant ?? '', call.model, kept.key);
    const exact = () =>
      withCache(made, {
        ...replying,
        cache,
        key,
        ttlMs: settings.cache.ttl_s * 1000,
        signal,
        log,
        answeredBy: () => answeredBy,
      });
    const { similar } = settings.cache;
    if (!similar || !call.question || !redis) return exact();
    return withSimilar(exact, {
      cache,
      key,
      question: call.question,
      questions: createSimilarQuestions(redis, {
        ttlMs: settings.cache.ttl_s * 1000,
        maxQuestions: similar.max_questions,
      }),
      threshold: similar.threshold,
      embed: (text) => embedOne(text, similar.model, call),
      replay: (value) => replay(value, 'similar', replying),
      log,
    });
  }

  async function embedOne(text: string, model: string, call: CallContext): Promise<number[]> {
    const embedded = stream<Embeddings>({
      ...call,
      model,
      purpose: 'embed',
      prompt: null,
      kept: null,
      streaming: false,
      demand: embedDemand([text]),
      async *open({ provider, name }, inner) {
        yield await provider.embed(name.model, { input: [text] }, inner);
      },
      meter: { usage: ({ usage }) => usage, text: () => '' },
      input: () => text,
    });
    for await (const { vectors } of embedded) if (vectors[0]) return vectors[0];
    throw new ModelError('bad_reply', `${model} gave no vector`);
  }

  function stream<T>(call: StreamCall<T>): AsyncIterable<T> {
    return run(call, (target, maxTokens, timed) => timed((inner) => call.open(target, inner, maxTokens)));
  }

  function chat(call: ChatCall): AsyncIterable<ChatEvent> {
    const { request } = call;
    const described = {
      ...call,
      streaming: request.stream !== false,
      demand: chatDemand({ ...request.extra, max_tokens: request.max_tokens }, () => request),
      meter: CHAT_METER,
      input: () => request.messages,
      kept: mayKeep(call.cache, request.temperature) ? keptEvents(request) : null,
      question: questionOf(call.caller?.tenant ?? '', call.model, request),
    };
    return run(described, ({ provider, name: { model } }, maxTokens, timed) => {
      const granted = maxTokens === null ? request : { ...request, max_tokens: maxTokens, budgeted: true };
      const ask = (asked: ChatRequest) =>
        timed((inner, onPiece) => provider.chat(model, asked, inner, onPiece));
      return withOutput(granted, ask, { native: provider.native_output(model), check: checkOutput });
    });
  }

  function close() {
    ledger?.close();
    breakers.close();
  }

  return { chat, stream, breakerStates: () => breakers.states(), close };
}

/** Whether a reply may be given again: one that would be the same, or that the caller takes for the same. */
export function mayKeep(cache: CallContext['cache'], temperature: unknown): boolean {
  return cache === 'use' || (cache !== 'off' && temperature === 0);
}

function keptEvents(request: ChatRequest): Kept<ChatEvent> {
  return {
    key: JSON.parse(JSON.stringify({ ...request, stream: null })) as Json,
    toJson: (event) => event as unknown as Json,
    fromJson: (json) => json as unknown as ChatEvent,
  };
}

/** The record of a call that asked no provider and cost nothing. */
function replayed(name: ModelName, info: CallInfo, now: number): ModelCall {
  return {
    ...name,
    purpose: info.purpose,
    agent: info.agent,
    request_id: info.request_id,
    prompt: info.prompt,
    status: 'ok',
    usage: NO_USAGE,
    cost_usd: 0,
    started_at: new Date(now).toISOString(),
    duration_ms: 0,
    first_token_ms: 0,
    error: null,
    cached: true,
  };
}
