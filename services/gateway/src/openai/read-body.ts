import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { isDeeperThan, LIMITS, PlanyardError } from '@planyard/contracts';
import type { TakeRoom } from '../http/body-room.ts';
import { parseJsonBody } from '../http/parse-json-body.ts';
import { slowBody } from '../http/slow-body.ts';
import { refuseUnseen } from './refuse-unseen.ts';

/** As where messages carry images: a context of a million tokens is more text than the 1 MiB of other paths. */
export const MAX_BODY_BYTES = 20 * 1024 * 1024;
const JSON_TYPE = /^application\/json *(;|$)/i;

/** The bytes of a JSON body, inflated, not yet parsed. Throws `unsupported_media_type`, `payload_too_large`, and `request_timeout` when it is not whole in time; what `take` does. */
export function readBody(req: IncomingMessage, timeoutMs: number, take: TakeRoom): Promise<Buffer> {
  if (!JSON_TYPE.test(req.headers['content-type'] ?? '')) throw new PlanyardError('unsupported_media_type');
  const encoding = req.headers['content-encoding'];
  return encoding === undefined || encoding === 'identity'
    ? readPlain(req, timeoutMs, take)
    : readInflated(req, encoding, timeoutMs, take);
}

const INFLATES = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

async function readInflated(
  req: IncomingMessage,
  encoding: string,
  timeoutMs: number,
  take: TakeRoom,
): Promise<Buffer> {
  const inflate = INFLATES.get(encoding.toLowerCase());
  if (!inflate) throw new PlanyardError('unsupported_media_type');
  const bytes = await readPlain(req, timeoutMs, take);
  const inflated = await readInto(inflate().end(bytes), encoding, take);
  take(-bytes.length);
  return inflated;
}

/** Room is taken as it comes: a few bytes may become many. */
async function readInto(stream: Transform, encoding: string, take: TakeRoom): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) throw new PlanyardError('payload_too_large');
      take(chunk.length);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof PlanyardError) throw cause;
    throw new PlanyardError('invalid_request', `The body is not ${encoding}`, { cause });
  }
  return Buffer.concat(chunks);
}

function readPlain(req: IncomingMessage, timeoutMs: number, take: TakeRoom): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > MAX_BODY_BYTES)
    throw new PlanyardError('payload_too_large');
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      try {
        if (bytes > MAX_BODY_BYTES) throw new PlanyardError('payload_too_large');
        take(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        // What comes of it still is let go.
        chunks = [];
        reject(error);
      }
    });
    const timer = setTimeout(() => reject(slowBody()), timeoutMs);
    req.on('end', () => {
      clearTimeout(timer);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    req.on('error', () => {
      clearTimeout(timer);
      reject(new PlanyardError('invalid_request', 'The body was cut off'));
    });
  });
}

/** Throws as `parseJsonBody` and `refuseUnseen` do, and `too_deep`: what is done with a body later recurses. */
export function parseJson(body: Buffer, mostValues?: number): unknown {
  const value = parseJsonBody(body, mostValues);
  if (isDeeperThan(value, LIMITS.json_depth))
    throw new PlanyardError('too_deep', `The body is nested deeper than ${LIMITS.json_depth} levels`);
  if (typeof value === 'object' && value !== null) refuseUnseen(value);
  return value;
}
