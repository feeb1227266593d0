import { ChatCompletionEnvelope, ChatCompletionRequest } from '@planyard/contracts';
import { ModelError, type RawPiece } from '@planyard/llm';
import { parseOr } from '../../http/route.ts';
import type { AskModel } from '../ask-model.ts';
import type { Exchange } from '../exchange.ts';
import type { Endpoint } from '../openai-api.ts';
import { parseJson } from '../read-body.ts';
import { sendBytes, sendEvents } from '../reply.ts';
import { agentOf } from '../run/run-answer.ts';
import { type CompletionFrame, failureEvent, frameIn, frameOf } from './completion-frame.ts';
import { encodeStream, encodeWhole } from './encode-events.ts';
import { type PassOnDeps, passOn } from './pass-on.ts';
import { toChatRequest } from './to-chat-request.ts';

export interface ChatCompletionsDeps extends PassOnDeps {
  ask: AskModel;
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
          ? passOn(deps, exchange, envelope, frame)
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
    // A provider's own chunks have a frame of its own: a client takes the error for a part of the same reply.
    const failed = (thrown: unknown, first: Buffer) => failureEvent({ ...frame, ...frameIn(first) }, thrown);
    return await sendEvents(exchange, bytesOf(pieces), failed);
  }
  // The stream is read to its end: its policies settle there.
  let whole: Buffer | null = null;
  for await (const { bytes } of pieces) whole = bytes;
  if (whole === null) throw new ModelError('bad_reply', 'the reply is empty');
  sendBytes(exchange, whole);
}

async function* bytesOf(pieces: AsyncIterable<RawPiece>): AsyncIterable<Buffer> {
  for await (const { bytes } of pieces) if (bytes.length > 0) yield bytes;
}
