import type { Tracer } from '@opentelemetry/api';
import type { ChatEvent, ChatRequest, OutputSpec } from './contract.ts';
import { type EmbedContext, embedTexts } from './embed-texts.ts';
import { createLeasedLedger } from './ledger/leased-ledger.ts';
import { createLedger } from './ledger/ledger.ts';
import type { LlmLog } from './log.ts';
import { BREAKER_VALUE, type LlmMetrics } from './metrics.ts';
import type { ChatCall, DescribedCall, StreamCall } from './model-call.ts';
import { createModelLabels } from './model-labels.ts';
import { type ModelName, parseModelName } from './model-name.ts';
import { type AdmissionContext, type Used, withAdmission } from './policies/admission.ts';
import { type BreakerState, createBreakers } from './policies/breakers/breakers.ts';
import { shareOpenings } from './policies/breakers/shared-openings.ts';
import { keptEvents, mayKeep, untravelled, withKeptReplies } from './policies/cache/kept-replies.ts';
import type { ReplyCache } from './policies/cache/reply-cache.ts';
import { questionOf } from './policies/cache/similar-questions.ts';
import { withDeadline } from './policies/deadline.ts';
import { chatDemand } from './policies/demand.ts';
import { withFallback } from './policies/fallback.ts';
import { CHAT_METER } from './policies/meter.ts';
import { type Attempt, askOneModel } from './policies/one-model.ts';
import { createOutputCheck } from './policies/output/check-output.ts';
import type { OutputTexts } from './policies/output/output-texts.ts';
import { createOutputWays } from './policies/output/output-ways.ts';
import { withOutput } from './policies/output/with-output.ts';
import { createStanding } from './policies/standing.ts';
import { forOthers, takersOf } from './policies/takers.ts';
import { createTargets, inOrder, type Target } from './policies/targets.ts';
import { createTerms } from './policies/terms.ts';
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
  texts: OutputTexts;
  now?: () => number;
  random?: () => number;
}

/** Every model of every provider, behind one door with all policies on. */
export interface Models {
  /** One reply, in events. Throws `ModelError`, and `unknown_model` for a name that is none. */
  chat(call: ChatCall): AsyncIterable<ChatEvent>;
  stream<T>(call: StreamCall<T>): AsyncIterable<T>;
  /** One vector for each text, within ten seconds. Throws `ModelError`. */
  embed(texts: string[], context: EmbedContext): Promise<number[][]>;
  /** By `provider/model`. */
  breakerStates(): Record<string, BreakerState>;
  close(): void;
}

/** Composes the policies, outermost first: deadline, cache (the calls in flight included), limits of the caller and budgets, route (for each model: its limits, retries, breaker, record, output, timeouts, provider). */
export function createModels(deps: ModelsDeps): Models {
  const { metrics, redis, log, cache, now = Date.now, random = Math.random } = deps;
  const breakers = createBreakers({
    settings: () => deps.settings().breaker,
    share: redis && ((listener) => shareOpenings({ ...redis, log }, listener)),
    onState: (id, state) => metrics.breaker.set({ ...parseModelName(id) }, BREAKER_VALUE[state]),
    onForgotten: (id) => metrics.breaker.remove({ ...parseModelName(id) }),
  });
  const standing = createStanding(now);
  const ledger = redis && createLeasedLedger(createLedger({ ...redis, log }));
  const outputs = createOutputCheck(log);
  const ways = createOutputWays(now);
  const labels = createModelLabels(deps.settings);
  const targetsOf = createTargets();
  const termsOf = createTerms();
  const oneModel = { ...deps, breakers, standing, labels };

  function run<T>(call: DescribedCall<T>, attempt: Attempt<T>): AsyncIterable<T> {
    const settings = deps.settings();
    const targets = takersOf(targetsOf(settings, call.model), call.foreign);
    const { deadline_at, signal } = call;
    if (deadline_at === null) return made(call, attempt, { settings, targets, signal });
    return withDeadline(
      (until) => made(call, attempt, { settings, targets, signal: until }),
      deadline_at,
      signal,
      now,
    );
  }

  function made<T>(
    call: DescribedCall<T>,
    attempt: Attempt<T>,
    { settings, targets, signal }: { settings: ModelSettings; targets: Target[]; signal: AbortSignal },
  ): AsyncIterable<T> {
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
    // A reply that a budget may have cut short is nobody else's.
    let isOwn = false;
    const choose = settings.routes[call.model]?.choose ?? 'weight';
    const routed = (allowed: Target[], maxTokens: number | null) => {
      isOwn = maxTokens !== null;
      return withFallback(
        () => inOrder(allowed, choose, standing, random),
        (target) => {
          answeredBy = target.name;
          return askOneModel(oneModel, call, attempt, { target, maxTokens, usedByAll }, admission);
        },
        {
          signal,
          deadlineAt: call.deadline_at,
          onFallback: (from, to, error) =>
            metrics.fallbacks.inc({
              ...labels.of(from.name, call),
              to_provider: to.name.provider,
              to_model: to.name.model,
              error_type: error.kind,
            }),
          now,
        },
      );
    };
    return withKeptReplies(
      () => withAdmission(termsOf(targets, admission), call.demand, usedByAll, routed, admission),
      call,
      {
        settings,
        cache,
        redis,
        metrics,
        labels,
        signal,
        log,
        now,
        answeredBy: () => (isOwn ? null : answeredBy),
        embed: (texts, model) => embed(texts, { ...call, model, signal }),
      },
    );
  }

  function stream<T>(call: StreamCall<T>): AsyncIterable<T> {
    return run(call, (target, maxTokens, timed) => timed((inner) => call.open(target, inner, maxTokens)));
  }

  const embed = (texts: string[], context: EmbedContext) => embedTexts({ stream, now }, texts, context);

  function chat(call: ChatCall): AsyncIterable<ChatEvent> {
    return call.request.output ? withSchema(call, call.request.output) : asked(call);
  }

  /** What is no schema is told before a model is asked. */
  async function* withSchema(call: ChatCall, output: OutputSpec): AsyncIterable<ChatEvent> {
    await outputs.prepare(output, call);
    yield* asked(call);
  }

  function asked(call: ChatCall): AsyncIterable<ChatEvent> {
    const { request } = call;
    const described = {
      ...call,
      streaming: request.stream !== false,
      demand: chatDemand(
        {
          ...request.extra,
          max_tokens: request.max_tokens,
          tools: request.tools?.map(({ given }) => given),
        },
        () => request,
      ),
      meter: CHAT_METER,
      input: () => request.messages,
      params: () => ({ ...request.extra, ...request }),
      kept: mayKeep(call.cache, request.temperature) ? keptEvents(request) : null,
      question: () => questionOf(call.caller?.tenant ?? '', call.model, untravelled(request)),
      foreign: () => request.foreign ?? [],
    };
    return run(described, ({ id, provider, name: { model } }, maxTokens, timed) => {
      const takes = provider.protocol === 'openai' ? request : forOthers(request);
      const granted: ChatRequest = {
        ...takes,
        ...(maxTokens === null ? {} : { max_tokens: maxTokens, budgeted: true }),
        connect_ms: call.timeouts?.connect_ms,
      };
      const ask = (said: ChatRequest) =>
        timed((inner, onPiece) => provider.chat(model, said, inner, onPiece));
      return withOutput(granted, ask, {
        way: ways.of(id, granted, provider.native_output(model, granted) ? 'schema' : 'call'),
        after: (way, error) => ways.after(id, granted, way, error),
        check: (text, schema) => outputs.faults(text, schema, call),
        texts: deps.texts,
      });
    });
  }

  function close() {
    outputs.close();
    ledger?.close();
    breakers.close();
  }

  return { chat, stream, embed, breakerStates: () => breakers.states(), close };
}
