import { createHash } from 'node:crypto';
import { PlanyardError } from '@planyard/contracts';
import type { Cluster, Redis } from 'ioredis';
import { z } from 'zod';

const Kept = z.object({
  hash: z.string(),
  /** null while the first request is under way. */
  reply: z.object({ type: z.string(), body: z.string() }).nullable(),
});

export interface KeptReply {
  type: string;
  body: Buffer;
}

/** A request that carries a key for the first time. */
export interface FirstRequest {
  /** Keeps a whole reply for a day; one over the limit is not kept, and a repeated request is asked anew. */
  keep(type: string, pieces: (string | Buffer)[]): void;
  /** Settles what was kept; without a reply the key is free again. */
  end(): Promise<void>;
}

export interface Idempotency {
  /** The reply that the key got before, or the duty to give the first. Throws `idempotency_mismatch` for another body, `conflict` while the first is under way. */
  begin(subject: string, key: string, request: (string | Buffer)[]): Promise<KeptReply | FirstRequest>;
}

const DAY_MS = 86_400_000;
/** Longer than any call may take: who dies meanwhile frees the key so late. */
const UNDER_WAY_MS = 600_000;
const MAX_BYTES = 1024 * 1024;

export function createIdempotency(redis: Redis | Cluster, namespace: string): Idempotency {
  return {
    async begin(subject, key, request) {
      const digest = createHash('sha256');
      for (const part of request) digest.update(part).update('\0');
      const hash = digest.digest('hex');
      const name = `${namespace}:idempotency:${createHash('sha256').update(`${subject}\0${key}`).digest('hex')}`;
      const open = JSON.stringify({ hash, reply: null });
      const before = await redis.set(name, open, 'PX', UNDER_WAY_MS, 'NX', 'GET');
      if (before !== null) return replayOf(before, hash);
      let kept: string | null = null;
      return {
        keep(type, pieces) {
          const body = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
          if (body.length <= MAX_BYTES)
            kept = JSON.stringify({ hash, reply: { type, body: body.toString('base64') } });
        },
        async end() {
          if (kept === null) await redis.del(name);
          else await redis.set(name, kept, 'PX', DAY_MS);
        },
      };
    },
  };
}

function replayOf(text: string, hash: string): KeptReply {
  const { hash: first, reply } = Kept.parse(JSON.parse(text));
  if (first !== hash) throw new PlanyardError('idempotency_mismatch');
  if (reply === null)
    throw new PlanyardError('conflict', 'The first request with this Idempotency-Key is under way', {
      retryAfter: 1,
    });
  return { type: reply.type, body: Buffer.from(reply.body, 'base64') };
}
