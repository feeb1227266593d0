import type { IncomingMessage } from 'node:http';
import { PlanyardError } from '@planyard/contracts';
import { malformedJson } from '../http/malformed-json.ts';

/** Pictures travel in bodies as base64. */
const MAX_BYTES = 32 * 1024 * 1024;
const JSON_TYPE = /^application\/json *(;|$)/i;

/** The bytes of a JSON body, not yet parsed. Throws `unsupported_media_type`, `payload_too_large`. */
export function readBody(req: IncomingMessage): Promise<Buffer> {
  if (!JSON_TYPE.test(req.headers['content-type'] ?? '') || req.headers['content-encoding'] !== undefined)
    throw new PlanyardError('unsupported_media_type');
  if (Number(req.headers['content-length'] ?? 0) > MAX_BYTES) throw new PlanyardError('payload_too_large');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) reject(new PlanyardError('payload_too_large'));
      else chunks.push(chunk);
    });
    req.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    req.on('error', () => reject(new PlanyardError('invalid_request', 'The body was cut off')));
  });
}

/** Throws `malformed_json` with the position. */
export function parseJson(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw malformedJson(text);
  }
}
