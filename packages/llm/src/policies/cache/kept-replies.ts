import type { Json, ModelCall } from '@planyard/contracts';
import type { ChatEvent, ChatRequest } from '../../contract.ts';
import type { LlmLog } from '../../log.ts';
import type { LlmMetrics } from '../../metrics.ts';
import type { CallContext, DescribedCall } from '../../model-call.ts';
import type { ModelLabels } from '../../model-labels.ts';
import type { ModelName } from '../../model-name.ts';
import type { LlmRedis } from '../../redis/connection.ts';
import type { ModelSettings } from '../../settings.ts';
import { type CallInfo, NO_USAGE } from '../record.ts';
import type { ReplyCache } from './reply-cache.ts';
import { createSimilarQuestions } from './similar-questions.ts';
import { type CacheUse, cacheKey, type Kept, replay, withCache } from './with-cache.ts';
import { withSimilar } from './with-similar.ts';

export interface KeptRepliesContext {
  settings: ModelSettings;
  cache: ReplyCache | null;
  redis: LlmRedis | null;
  metrics: LlmMetrics;
  labels: ModelLabels;
  signal: AbortSignal;
  log: LlmLog;
  now: () => number;
  /** Who answers the call that is made; null where its reply is not to be kept. */
  answeredBy(): ModelName | null;
  /** Vectors of texts by that model, under the same policies. */
  embed(texts: string[], model: string): Promise<number[][]>;
}

/** A kept reply where the call may have one: to this very request, or, where that is set, to one that says nearly the same. */
export function withKeptReplies<T>(
  made: () => AsyncIterable<T>,
  call: DescribedCall<T>,
  { settings, cache, redis, metrics, labels, signal, log, now, answeredBy, embed }: KeptRepliesContext,
): AsyncIterable<T> {
  const { kept } = call;
  if (!cache || !kept || !settings.cache.enabled) return made();
  const ttlMs = settings.cache.ttl_s * 1000;
  const replying = {
    kept,
    observe: (result: CacheUse) =>
      metrics.cache.inc({ model: labels.asked(call.model), agent: call.agent ?? 'none', result }),
    onReplay: async (name: ModelName) => call.onCall(replayed(name, call, now())),
  };
  const key = cacheKey(call.caller?.tenant ?? '', call.model, kept.key());
  const exact = () => withCache(made, { ...replying, cache, key, ttlMs, signal, log, answeredBy });
  const { similar } = settings.cache;
  const question = similar && redis ? call.question?.() : null;
  if (!similar || !question || !redis) return exact();
  return withSimilar(exact, {
    cache,
    key,
    question,
    questions: createSimilarQuestions(redis, { ttlMs, maxQuestions: similar.max_questions }),
    threshold: similar.threshold,
    embed: async (text) => (await embed([text], similar.model))[0],
    replay: (value) => replay(value, 'similar', replying),
    log,
  });
}

/** Whether a reply may be given again: one that would be the same, or that the caller takes for the same. */
export function mayKeep(cache: CallContext['cache'], temperature: unknown): boolean {
  return cache === 'use' || (cache !== 'off' && temperature === 0);
}

/** A chat's events are kept as they are; how the reply travels is no part of what was asked. */
export function keptEvents(request: ChatRequest): Kept<ChatEvent> {
  return {
    key: () => JSON.parse(JSON.stringify(untravelled(request))) as Json,
    toJson: (event) => event as unknown as Json,
    fromJson: (json) => json as unknown as ChatEvent,
  };
}

/** A request without how its reply travels. */
export function untravelled(request: ChatRequest) {
  return { ...request, stream: null, live_calls: null, foreign: null };
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
