import { LIMITS, PlanyardError } from '@planyard/contracts';
import express, { type Request, type RequestHandler, type Response } from 'express';
import type { TakeRoom } from './body-room.ts';
import { parseJsonBody } from './parse-json-body.ts';
import type { RouteDoc } from './route.ts';
import { slowBody } from './slow-body.ts';

/** Reads a route's JSON body: 415 for another media type, 413 over the limit, 408 for one that takes longer than `timeoutMs`, 400 for what is not JSON or hostile; what `take` throws. */
export function jsonBody(
  { required, limit, limitWithImages }: NonNullable<RouteDoc['body']>,
  timeoutMs: number,
) {
  const read: RequestHandler = express.raw({ limit: limitWithImages ?? limit, type: 'application/json' });

  async function readBytes(req: Request, res: Response, take: TakeRoom): Promise<Buffer> {
    if (!hasBody(req)) return Buffer.alloc(0);
    if (!req.is('application/json'))
      throw new PlanyardError(
        'unsupported_media_type',
        `Send application/json, not ${req.headers['content-type'] ?? 'a body without a type'}`,
      );
    const most = limitWithImages ?? limit;
    // What is compressed may become as much; one that is longer is refused as it is read.
    const told = req.headers['content-encoding'] === undefined ? req.headers['content-length'] : undefined;
    const taken = Math.min(most, Number(told ?? most));
    take(taken);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(slowBody()), timeoutMs);
      read(req, res, (error: unknown) => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    const bytes = req.body as Buffer;
    take(bytes.length - taken);
    return bytes;
  }

  return async function readBody(req: Request, res: Response, take: TakeRoom): Promise<unknown> {
    const bytes = await readBytes(req, res, take);
    if (bytes.length === 0) {
      if (required)
        throw new PlanyardError('invalid_request', 'A JSON body is required', {
          errors: [{ path: 'body', message: 'the body is empty' }],
        });
      return undefined;
    }
    const body = parseJsonBody(bytes);
    refuseHostile(body, '', 0);
    if (bytes.length > limit && !carriesImages(body)) throw new PlanyardError('payload_too_large');
    return body;
  };
}

function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
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

/** Refuses nesting over the limit, and keys that would reach an object's prototype, with their path. Looks no deeper than it may, so that it may recurse. */
function refuseHostile(node: unknown, path: string, depth: number): void {
  if (node === null || typeof node !== 'object') return;
  if (depth >= LIMITS.json_depth)
    throw new PlanyardError('too_deep', `The body is nested deeper than ${LIMITS.json_depth} levels`);
  for (const [key, child] of Object.entries(node)) {
    const where = Array.isArray(node) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    if (key === '__proto__')
      throw new PlanyardError('invalid_request', `${where}: unknown field`, {
        errors: [{ path: where, message: 'unknown field', code: 'unrecognized_keys' }],
      });
    refuseHostile(child, where, depth + 1);
  }
}
