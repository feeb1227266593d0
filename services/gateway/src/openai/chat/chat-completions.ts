import {
  ChatCompletionEnvelope,
  ChatCompletionRequest,
  type Fault,
  faultsOf,
  type JsonObject,
  PlanyardError,
} from '@planyard/contracts';
import {
  type ChatMessage,
  type ChatPart,
  type ChatRequest,
  chatDemand,
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
import type { AskModel } from '../ask-model.ts';
import { callOf, type RecordCall } from '../call-of.ts';
import type { Exchange } from '../exchange.ts';
import type { Endpoint } from '../openai-api.ts';
import { parseJson } from '../read-body.ts';
import { sendBytes, sendEvents } from '../reply.ts';
import { agentOf } from '../run/run-answer.ts';
import { type CompletionFrame, failureEvent, frameIn, frameOf } from './completion-frame.ts';
import { encodeStream, encodeWhole } from './encode-events.ts';
import { foreignTo } from './foreign-to.ts';
import { rawBody } from './raw-body.ts';
import { rawMeter } from './raw-meter.ts';
import { toChatRequest } from './to-chat-request.ts';

export interface ChatCompletionsDeps {
  ask: AskModel;
  models: Models;
  now: () => number;
  record: RecordCall;
}

export function chatCompletions(deps: ChatCompletionsDeps): Endpoint {
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    async answer(exchange) {
      const value = parseJson(exchange.body);
      const envelope = parseOr('invalid_request', ChatCompletionEnvelope, value, '');
      const frame = frameOf(envelope.model, deps.now());
      const isRun = agentOf(exchange.options.route ?? envelope.model) !== undefined;
      const pieces =
        !isRun && isPlain(envelope)
          ? passedOn(deps, exchange, envelope, frame)
          : translated(deps, exchange, parseOr('invalid_request', ChatCompletionRequest, value, ''), frame);
      await send(exchange, pieces, envelope.stream === true, frame);
    },
  };
}

/** Without tools and formats a reply is text: nothing about it must be made equal across providers. Several answers come from OpenAI's protocol alone, as they are. */
function isPlain(body: ChatCompletionEnvelope): boolean {
  if ((body.n ?? 1) > 1) return true;
  if (Array.isArray(body.tools) && body.tools.length > 0) return false;
  const format = body.response_format as { type?: unknown } | null | undefined;
  return format == null || (format.type !== 'json_object' && format.type !== 'json_schema');
}

/** Byte for byte to providers that speak OpenAI's protocol, translated for the others; a route may have both. */
function passedOn(
  deps: ChatCompletionsDeps,
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
    demand: chatDemand({ ...envelope, max_tokens: maxTokensOf(envelope) }, () => ({
      messages: [...envelope.messages.map(said), ...besides(envelope)],
    })),
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
    key: ['bytes', includeUsage, JSON.parse(JSON.stringify(envelope))],
    toJson: ({ bytes, usage }) => [bytes.toString('base64'), usage],
    fromJson(json) {
      const [bytes, usage] = json as [string, RawPiece['usage']];
      return { bytes: Buffer.from(bytes, 'base64'), usage };
    },
  };
}

/** What counts as a message's tokens, of a message that nobody has checked: what is not known counts as it is written. */
function said({ role: _role, content, ...more }: ChatCompletionEnvelope['messages'][number]): ChatMessage {
  const isKnown = Object.keys(more).length === 0;
  if (isKnown && !Array.isArray(content)) return { role: 'user', content: String(content ?? '') };
  const parts: ChatPart[] = Array.isArray(content)
    ? content.filter((part) => typeof part?.type === 'string').map(known)
    : [{ type: 'text', text: String(content ?? '') }];
  return { role: 'user', content: isKnown ? parts : [...parts, asWritten(more)] };
}

function known(part: { type: string }): ChatPart {
  return part.type === 'text' || part.type === 'image_url' ? (part as ChatPart) : asWritten(part);
}

function asWritten(value: object): ChatPart {
  return { type: 'foreign', part: value as JsonObject };
}

/** What a model reads besides the messages. */
function besides({ tools, functions }: ChatCompletionEnvelope): ChatMessage[] {
  return tools || functions ? [{ role: 'user', content: [asWritten({ tools, functions })] }] : [];
}

/** The larger where both are given: which of them holds is the provider's to say. */
function maxTokensOf({ max_completion_tokens, max_tokens }: ChatCompletionEnvelope): number | null {
  const given = Math.max(max_completion_tokens ?? 0, max_tokens ?? 0);
  return given === 0 ? null : given;
}

/** A limit that is written as null would hold over the one that a budget affords. */
function withoutLimits(envelope: ChatCompletionEnvelope): Record<string, undefined> {
  const limits = ['max_tokens', 'max_completion_tokens'].filter((name) => name in envelope);
  return Object.fromEntries(limits.map((name) => [name, undefined]));
}

/** What models of other protocols cannot be asked; they would not understand what our schema does not. */
function foreignIn(envelope: ChatCompletionEnvelope): Fault[] {
  const parsed = ChatCompletionRequest.safeParse(envelope);
  return parsed.success ? foreignTo(parsed.data) : faultsOf(parsed.error);
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

/** With tools or a format, and for runs: parsed, so that calls and JSON are sound whoever makes them. */
function translated(
  { ask }: ChatCompletionsDeps,
  exchange: Exchange,
  body: ChatCompletionRequest,
  frame: CompletionFrame,
): AsyncIterable<RawPiece> {
  const events = ask(exchange, body.model, toChatRequest(body));
  if (body.stream !== true) return encodeWhole(events, frame);
  return encodeStream(events, frame, { includeUsage: body.stream_options?.include_usage === true });
}

async function send(
  exchange: Exchange,
  pieces: AsyncIterable<RawPiece>,
  streaming: boolean,
  frame: CompletionFrame,
): Promise<void> {
  if (streaming) {
    let first: Buffer | undefined;
    const noted = bytesOf(pieces, (bytes) => {
      first ??= bytes;
    });
    // A provider's own chunks have a frame of its own: a client takes the error for a part of the same reply.
    const failed = (thrown: unknown) => failureEvent({ ...frame, ...(first && frameIn(first)) }, thrown);
    return await sendEvents(exchange, noted, failed);
  }
  // The stream is read to its end: its policies settle there.
  let whole: Buffer | null = null;
  for await (const { bytes } of pieces) whole = bytes;
  if (whole === null) throw new ModelError('bad_reply', 'the reply is empty');
  sendBytes(exchange, whole);
}

async function* bytesOf(
  pieces: AsyncIterable<RawPiece>,
  note: (bytes: Buffer) => void,
): AsyncIterable<Buffer> {
  for await (const { bytes } of pieces) {
    if (bytes.length === 0) continue;
    note(bytes);
    yield bytes;
  }
}
