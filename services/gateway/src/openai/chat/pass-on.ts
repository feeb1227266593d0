import {
  type ChatCompletionEnvelope,
  ChatCompletionRequest,
  type Fault,
  faultsOf,
  PlanyardError,
} from '@planyard/contracts';
import {
  type ChatRequest,
  type Kept,
  ModelError,
  type Models,
  mayKeep,
  questionOf,
  type RawPiece,
  type Target,
} from '@planyard/llm';
import { requireScope } from '../../auth/principal.ts';
import { parseOr } from '../../http/route.ts';
import { callOf, type RecordCall } from '../call-of.ts';
import type { Exchange } from '../exchange.ts';
import type { CompletionFrame } from './completion-frame.ts';
import { encodeStream, encodeWhole } from './encode-events.ts';
import { envelopeDemand } from './envelope-demand.ts';
import { foreignTo } from './foreign-to.ts';
import { rawBody } from './raw-body.ts';
import { rawMeter } from './raw-meter.ts';
import { toChatRequest } from './to-chat-request.ts';

export interface PassOnDeps {
  models: Models;
  now: () => number;
  record: RecordCall;
}

/** Byte for byte to providers that speak OpenAI's protocol, translated for the others; a route may have both. */
export function passOn(
  deps: PassOnDeps,
  exchange: Exchange,
  envelope: ChatCompletionEnvelope,
  frame: CompletionFrame,
): AsyncIterable<RawPiece> {
  requireScope(exchange.principal, 'models:call');
  const streaming = envelope.stream === true;
  const includeUsage = envelope.stream_options?.include_usage === true;
  const more =
    streaming && !includeUsage ? { stream_options: { ...envelope.stream_options, include_usage: true } } : {};
  const asked = callOf(deps, exchange, envelope.model, 'chat');
  const { connect_ms } = exchange.options.timeouts;
  return deps.models.stream<RawPiece>({
    ...asked,
    streaming,
    demand: envelopeDemand(envelope),
    meter: rawMeter({ streaming, includeUsage }),
    foreign: () => foreignIn(envelope),
    input: () => envelope.messages,
    params: () => envelope,
    kept: mayKeep(exchange.options.cache, envelope.temperature) ? keptPieces(envelope, includeUsage) : null,
    question: () => questionOf(exchange.principal.tenant, asked.model, { ...envelope, told: includeUsage }),
    open({ provider, name }: Target, signal, maxTokens) {
      if (provider.passThrough) {
        const body = rawBody(exchange.body, envelope, name.model, {
          ...more,
          ...(maxTokens === null ? {} : withoutLimits(envelope)),
        });
        return provider.passThrough(
          {
            body,
            max_tokens: maxTokens,
            answers: envelope.n ?? 1,
            streaming,
            include_usage: includeUsage,
            connect_ms,
          },
          signal,
        );
      }
      const given = { ...asChatRequest(envelope), connect_ms };
      const request = maxTokens === null ? given : { ...given, max_tokens: maxTokens, budgeted: true };
      const events = provider.chat(name.model, request, signal);
      return streaming ? encodeStream(events, frame, { includeUsage }) : encodeWhole(events, frame);
    },
  });
}

/** In base64: a piece may end within a character. */
function keptPieces(envelope: ChatCompletionEnvelope, includeUsage: boolean): Kept<RawPiece> {
  return {
    key: () => ['bytes', includeUsage, JSON.parse(JSON.stringify(envelope))],
    toJson: ({ bytes, usage }) => [bytes.toString('base64'), usage],
    fromJson(json) {
      const [bytes, usage] = json as [string, RawPiece['usage']];
      return { bytes: Buffer.from(bytes, 'base64'), usage };
    },
  };
}

/** A limit that is written as null would hold over the one that a budget affords. */
function withoutLimits(envelope: ChatCompletionEnvelope): Record<string, undefined> {
  const limits = ['max_tokens', 'max_completion_tokens'].filter((name) => name in envelope);
  return Object.fromEntries(limits.map((name) => [name, undefined]));
}

/** What models of other protocols cannot be asked; they would not understand what our schema does not. */
function foreignIn(envelope: ChatCompletionEnvelope): Fault[] {
  const parsed = ChatCompletionRequest.safeParse(envelope);
  if (parsed.success) return foreignTo(parsed.data);
  // Not their codes, which are zod's: a fault of ours has none.
  return faultsOf(parsed.error).map(({ path, message }) => ({ path, message }));
}

/** What cannot be said in our request is the caller's mistake: no try says anything of the provider's health. */
function asChatRequest(envelope: ChatCompletionEnvelope): ChatRequest {
  try {
    return toChatRequest(parseOr('invalid_request', ChatCompletionRequest, envelope, ''));
  } catch (error) {
    if (error instanceof PlanyardError)
      throw new ModelError('bad_request', error.message, { cause: error, errors: error.errors });
    throw error;
  }
}
