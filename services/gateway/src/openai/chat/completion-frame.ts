import { randomUUID } from 'node:crypto';
import type { CompletionUsage, Json, JsonObject, Usage } from '@planyard/contracts';
import type { RawPiece } from '@planyard/llm';
import { errorAtTheDoor } from '../../http/problem-reply.ts';
import { defined } from '../defined.ts';
import { errorReply } from '../error-reply.ts';

/** What every chunk of one completion repeats. */
export interface CompletionFrame {
  id: string;
  created: number;
  model: string;
}

/** Its id is made when it is asked for: bytes that are passed on have their provider's. */
export function frameOf(model: string, nowMs: number): CompletionFrame {
  let id: string | undefined;
  return {
    get id() {
      id ??= `chatcmpl-${randomUUID()}`;
      return id;
    },
    created: Math.floor(nowMs / 1000),
    model,
  };
}

/** The frame of a stream of OpenAI's events, as far as its first chunk tells it. */
export function frameIn(bytes: Buffer): Partial<CompletionFrame> {
  const data = /^data: *(\{.*\})\r?$/m.exec(bytes.toString('utf8'))?.[1];
  if (data === undefined) return {};
  const { id, created, model } = JSON.parse(data) as Partial<CompletionFrame>;
  return defined({ id, created, model });
}

export interface Choice {
  delta: object;
  finish_reason: string | null;
  logprobs?: unknown;
}

/** One server-sent event; without a choice it carries usage alone. */
export function chunkEvent(
  frame: CompletionFrame,
  choice: Choice | null,
  more: { usage?: CompletionUsage | null; planyard?: object; reply?: JsonObject } = {},
): string {
  const { id, created, model } = frame;
  const choices = choice === null ? [] : [{ index: 0, ...choice }];
  const { reply, ...rest } = more;
  return `data: ${JSON.stringify({ ...reply, id, object: 'chat.completion.chunk', created, model, choices, ...rest })}\n\n`;
}

export const DONE = 'data: [DONE]\n\n';

/**
 * How a stream that has begun says that it failed: a finish reason, then an error in an event of its own, and no `[DONE]`
 * after it. In one event the AI SDK would see the finish alone.
 */
export function failureEvent(frame: CompletionFrame, thrown: unknown): string {
  const { body } = errorReply(errorAtTheDoor(thrown));
  return `${chunkEvent(frame, { delta: {}, finish_reason: 'error' })}data: ${JSON.stringify(body)}\n\n`;
}

/** `given`: as its provider told it, whose other fields stay. */
export function toCompletionUsage(usage: Usage, given: JsonObject = {}): CompletionUsage {
  return {
    ...given,
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.input_tokens + usage.output_tokens,
    prompt_tokens_details: {
      ...fieldsOf(given.prompt_tokens_details),
      cached_tokens: usage.cached_tokens,
      cache_write_tokens: usage.cache_write_tokens,
    },
    completion_tokens_details: {
      ...fieldsOf(given.completion_tokens_details),
      reasoning_tokens: usage.reasoning_tokens,
    },
    ...(usage.estimated ? { estimated: true } : {}),
  };
}

function fieldsOf(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

export function piece(text: string): RawPiece {
  return { bytes: Buffer.from(text), usage: null };
}

export function lastPiece(text: string, usage: Usage | null): RawPiece {
  return { bytes: Buffer.from(text), usage, ends: true };
}
