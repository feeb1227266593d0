import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { PlanyardError } from '@planyard/contracts';
import { retryAfterOf } from '../http/problem-reply.ts';
import { errorReply } from './error-reply.ts';

export function sendJson(res: ServerResponse, value: unknown): void {
  sendBytes(res, Buffer.from(JSON.stringify(value)));
}

export function sendBytes(res: ServerResponse, bytes: Buffer): void {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  res.end(bytes);
}

/** Answers in OpenAI's shape. Once a body has begun, all that is left is to end the connection. */
export function sendError(res: ServerResponse, error: PlanyardError): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { status, body } = errorReply(error);
  const retryAfter = retryAfterOf(error);
  if (retryAfter !== undefined) res.setHeader('Retry-After', String(retryAfter));
  if (status === 401) res.setHeader('WWW-Authenticate', 'Bearer realm="planyard"');
  const bytes = Buffer.from(JSON.stringify(body));
  res.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Content-Length': bytes.length,
  });
  res.end(bytes);
}

/**
 * Sends server-sent events as they come, waiting where the client reads slowly. What fails before the first is thrown, for
 * a reply with a status; what fails later is the text that `failed` makes of it, and then the end.
 */
export async function sendEvents(
  res: ServerResponse,
  pieces: AsyncIterable<string | Buffer>,
  signal: AbortSignal,
  failed: (thrown: unknown) => string,
): Promise<void> {
  try {
    for await (const bytes of pieces) {
      if (!res.headersSent)
        res.writeHead(200, {
          'Content-Type': 'text/event-stream; charset=utf-8',
          'Cache-Control': 'no-store',
          'X-Accel-Buffering': 'no',
        });
      if (!res.write(bytes)) await once(res, 'drain', { signal });
    }
  } catch (thrown) {
    if (!res.headersSent) throw thrown;
    if (!signal.aborted) res.write(failed(thrown));
  }
  res.end();
}
