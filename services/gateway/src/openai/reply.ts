import { once } from 'node:events';
import type { PlanyardError } from '@planyard/contracts';
import { ModelError } from '@planyard/llm';
import { retryAfterOf } from '../http/problem-reply.ts';
import { errorReply } from './error-reply.ts';
import type { Exchange } from './exchange.ts';

type Sending = Pick<Exchange, 'res' | 'headers' | 'signal' | 'keep'>;

const JSON_TYPE = 'application/json';
const SSE_TYPE = 'text/event-stream; charset=utf-8';

export function sendJson(exchange: Sending, value: unknown): void {
  sendBytes(exchange, Buffer.from(JSON.stringify(value)));
}

export function sendBytes({ res, headers, keep }: Sending, bytes: Buffer): void {
  keep?.(JSON_TYPE, [bytes]);
  headers['Content-Type'] = JSON_TYPE;
  headers['Content-Length'] = bytes.length;
  res.writeHead(200, headers);
  // Node sends a text together with the head, and a buffer by itself.
  res.end(bytes.toString('latin1'), 'latin1');
}

/** Answers in OpenAI's shape. Once a body has begun, all that is left is to end the connection. */
export function sendError({ res, headers }: Pick<Sending, 'res' | 'headers'>, error: PlanyardError): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { status, body } = errorReply(error);
  const retryAfter = retryAfterOf(error);
  if (retryAfter !== undefined) headers['Retry-After'] = retryAfter;
  // The provider was asked as often as the settings say: OpenAI's clients would have all of that done twice more.
  if (error instanceof ModelError && (error.counts || error.healthy) && error.retryAfter === undefined)
    headers['X-Should-Retry'] = 'false';
  if (error.code === 'request_timeout') headers.Connection = 'close';
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer realm="planyard"';
  const bytes = Buffer.from(JSON.stringify(body));
  res.writeHead(status, {
    ...headers,
    'Content-Type': JSON_TYPE,
    'Cache-Control': 'no-store',
    'Content-Length': bytes.length,
  });
  res.end(bytes);
}

/**
 * Sends server-sent events as they come, waiting where the client reads slowly. What fails before the first is thrown, for
 * a reply with a status; what fails later is the text that `failed` makes of it and of the first piece, and then the end.
 */
export async function sendEvents<P extends string | Buffer>(
  { res, headers, signal, keep }: Sending,
  pieces: AsyncIterable<P>,
  failed: (thrown: unknown, first: P) => string,
): Promise<void> {
  let first: P | undefined;
  const sent: P[] = [];
  try {
    for await (const piece of pieces) {
      if (first === undefined)
        res.writeHead(200, {
          ...headers,
          'Content-Type': SSE_TYPE,
          'Cache-Control': 'no-store',
          'X-Accel-Buffering': 'no',
        });
      first ??= piece;
      if (keep) sent.push(piece);
      if (!res.write(piece)) await once(res, 'drain', { signal });
    }
    keep?.(SSE_TYPE, sent);
  } catch (thrown) {
    if (first === undefined) throw thrown;
    if (!signal.aborted) res.write(failed(thrown, first));
  }
  res.end();
}
