import type { RawPiece, RawRequest } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import type { Connection } from '../connection.ts';
import { fromErrorReply, fromThrown, retryAfterOf } from '../failures.ts';
import type { WholeReply } from '../whole-reply.ts';
import { errorText, faultOf, type RequestFault } from './error-text.ts';
import { refuseBroken } from './finish-reason.ts';
import { isJson } from './is-json.ts';
import type { LimitField } from './messages.ts';
import { sniffStream } from './sniff-stream.ts';
import { usageOf } from './usage.ts';

export interface PassThroughOptions {
  name: string;
  base_url: string;
  api_key: string | null;
  connection: Connection;
  limit_field: LimitField;
}

/** Passes chat completions on byte for byte, past the SDK: it alone costs more CPU than all else of a request. */
export function createPassThrough({ name, base_url, api_key, connection, limit_field }: PassThroughOptions) {
  const url = new URL(`${base_url.replace(/\/+$/, '')}/chat/completions`);
  const headers = {
    'content-type': 'application/json',
    // What is passed on is read as it comes.
    'accept-encoding': 'identity',
    ...(api_key === null ? {} : { authorization: `Bearer ${api_key}` }),
  };

  return async function* passThrough(request: RawRequest, signal: AbortSignal): AsyncIterable<RawPiece> {
    try {
      const body = withLimit(request.body, limit_field, request.max_tokens);
      const options = { headers, body, signal, connect_ms: request.connect_ms };
      if (request.streaming) {
        const reply = await connection.post(url, options);
        if (reply.statusCode >= 400) throw errorOf(reply, await reply.body.text());
        if (isJson(reply.headers['content-type'])) {
          // Some servers answer so with an error, and status 200.
          pieceOf(name, Buffer.from(await reply.body.arrayBuffer()));
          throw new ModelError('bad_reply', `${name} answered whole where a stream was asked for`);
        }
        yield* sniffStream(name, reply.body, {
          hideUsage: !request.include_usage,
          answers: request.answers,
        });
      } else {
        const reply = await connection.postWhole(url, options);
        if (reply.statusCode >= 400) throw errorOf(reply, reply.body.toString('utf8'));
        yield pieceOf(name, reply.body);
      }
    } catch (thrown) {
      throw fromThrown(thrown, name, signal);
    }
  };

  function errorOf(reply: Pick<WholeReply, 'statusCode' | 'headers'>, text: string): ModelError {
    const { code, message, fault } = errorFields(text);
    return fromErrorReply(name, {
      status: reply.statusCode,
      code,
      text: message,
      fault,
      retryAfter: retryAfterOf((header) => {
        const value = reply.headers[header];
        return typeof value === 'string' ? value : undefined;
      }),
    });
  }
}

/** The body of an object, with one field more at its beginning. */
function withLimit(body: Buffer, field: string, limit: number | null): Buffer {
  if (limit === null) return body;
  const start = body.indexOf('{') + 1;
  return Buffer.concat([Buffer.from(`{"${field}":${limit},`), body.subarray(start)]);
}

/** A whole reply, looked at once: an answer without a choice, or with an error in it, is a failure. */
function pieceOf(provider: string, bytes: Buffer): RawPiece {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  const reply = value as {
    choices?: unknown;
    error?: unknown;
    usage?: unknown;
    service_tier?: unknown;
  } | null;
  if (reply?.error) throw fromErrorReply(provider, errorText(reply.error));
  if (!Array.isArray(reply?.choices) || reply.choices.length === 0)
    throw new ModelError('bad_reply', `${provider} answered without a choice`);
  for (const choice of reply.choices as { finish_reason?: unknown }[]) refuseBroken(choice?.finish_reason);
  return { bytes, usage: usageOf(reply), ends: true };
}

interface ErrorFields {
  code: string | null;
  message: string;
  fault: RequestFault | null;
}

function errorFields(text: string): ErrorFields {
  try {
    const { error } = JSON.parse(text) as { error?: { param?: unknown; code?: unknown } };
    const { code, text: message } = errorText(error ?? JSON.parse(text));
    return { code, message, fault: faultOf(error?.param, error?.code) };
  } catch {
    return { code: null, message: text.slice(0, 300), fault: null };
  }
}
