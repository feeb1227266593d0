import { LIMITS, PlanyardError } from '@planyard/contracts';
import express, { type Request, type RequestHandler, type Response } from 'express';
import type { RouteDoc } from './route.ts';
import { slowBody } from './slow-body.ts';

/** Reads a route's JSON body: 415 for another media type, 413 over the limit, 408 for one that takes longer than `timeoutMs`, 400 for what is not JSON or hostile. */
export function jsonBody(
  { required, limit, limitWithImages }: NonNullable<RouteDoc['body']>,
  timeoutMs: number,
) {
  const parse: RequestHandler = express.json({
    limit: limitWithImages ?? limit,
    type: 'application/json',
    strict: false,
  });

  return async function readBody(req: Request, res: Response): Promise<unknown> {
    if (!hasBody(req)) {
      if (required)
        throw new PlanyardError('invalid_request', 'A JSON body is required', {
          errors: [{ path: 'body', message: 'the body is empty' }],
        });
      return undefined;
    }
    if (!req.is('application/json'))
      throw new PlanyardError(
        'unsupported_media_type',
        `Send application/json, not ${req.headers['content-type'] ?? 'a body without a type'}`,
      );
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(slowBody()), timeoutMs);
      parse(req, res, (error: unknown) => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    const body: unknown = req.body;
    refuseHostile(body);
    if (bytesOf(req) > limit && !carriesImages(body)) throw new PlanyardError('payload_too_large');
    return body;
  };
}

function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
}

/** Bytes of the body as read; inflated ones are only known from their text. */
function bytesOf(req: Request): number {
  const length = Number(req.headers['content-length'] ?? Number.NaN);
  if (Number.isNaN(length) || req.headers['content-encoding'] !== undefined)
    return Buffer.byteLength(JSON.stringify(req.body) ?? '');
  return length;
}

function carriesImages(body: unknown): boolean {
  const messages = (body as { messages?: unknown } | null)?.messages;
  if (!Array.isArray(messages)) return false;
  return messages.some((message: { content?: unknown } | null) => {
    const parts = message?.content;
    return (
      Array.isArray(parts) && parts.some((part: { type?: unknown } | null) => part?.type === 'image_url')
    );
  });
}

/** Refuses nesting over the limit, and keys that would reach an object's prototype, with their path. Walks without recursion. */
function refuseHostile(body: unknown): void {
  const stack: { node: unknown; path: string; depth: number }[] = [{ node: body, path: '', depth: 0 }];
  for (let at = stack.pop(); at; at = stack.pop()) {
    const { node, path, depth } = at;
    if (node === null || typeof node !== 'object') continue;
    if (depth >= LIMITS.json_depth)
      throw new PlanyardError('too_deep', `The body is nested deeper than ${LIMITS.json_depth} levels`);
    for (const [key, child] of Object.entries(node)) {
      const where = Array.isArray(node) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
      if (key === '__proto__')
        throw new PlanyardError('invalid_request', `${where}: unknown field`, {
          errors: [{ path: where, message: 'unknown field', code: 'unrecognized_keys' }],
        });
      stack.push({ node: child, path: where, depth: depth + 1 });
    }
  }
}
