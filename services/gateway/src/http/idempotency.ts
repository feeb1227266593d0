import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto';
import { PlanyardError } from '@planyard/contracts';
import type { Cluster, Redis } from 'ioredis';
import { z } from 'zod';

export const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters');

const Kept = z.object({
  hash: z.string(),
  /** Sealed; null while the first request is under way. */
  reply: z.string().nullable(),
});
const SealedReply = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  /** In base64. */
  body: z.string(),
});

export interface KeptReply {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A request that carries a key for the first time. */
export interface FirstRequest {
  /** Keeps a whole reply for a day; one over the limit is not kept, nor any while Redis is nearly full, and a repeated request is asked anew. */
  keep(reply: KeptReply): void;
  /** Settles what was kept; without a reply the key is free again. A claim that ran out is no more: another's stays. */
  end(): Promise<void>;
}

export interface Idempotency {
  /** The reply that the key got before, or the duty to give the first. Throws `idempotency_mismatch` for another request, `conflict` while the first is under way. */
  begin(subject: string, key: string, request: (string | Buffer)[]): Promise<KeptReply | FirstRequest>;
}

const DAY_MS = 86_400_000;
/** Who dies meanwhile frees the key so late. */
const UNDER_WAY_MS = 60_000;
const MAX_BYTES = 1024 * 1024;
/** Renews a claim, replaces it, or frees the key where nothing follows: not where another request has it by now, since this process was frozen. ARGV: the claim, what follows it, for how many ms. */
const FOLLOW = `
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
if ARGV[2] == '' then return redis.call('DEL', KEYS[1]) end
if ARGV[2] == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

/** What one user's key stands for, in Redis. Replies may hold secrets, such as a new API key: they are sealed by the idempotency key itself, which Redis never sees. */
export function createIdempotency(
  redis: Redis | Cluster,
  namespace: string,
  hasRoom: () => Promise<boolean>,
  underWayMs = UNDER_WAY_MS,
): Idempotency {
  return {
    async begin(subject, key, request) {
      const digest = createHash('sha256');
      for (const part of request) digest.update(part).update('\0');
      const hash = digest.digest('hex');
      const name = `${namespace}:idempotency:${sha256(`${subject}\0${key}`).toString('hex')}`;
      const secret = sha256(`seal\0${subject}\0${key}`);
      const open = JSON.stringify({ hash, reply: null, by: randomUUID() });
      const before = await redis.set(name, open, 'PX', underWayMs, 'NX', 'GET');
      if (before !== null) return replayOf(before, hash, secret);
      // Some requests take long; a Redis that does not answer one renewal may answer the next.
      const follow = (text: string, ms: number) => redis.eval(FOLLOW, 1, name, open, text, ms);
      const renewal = setInterval(
        () => void follow(open, underWayMs).catch(() => undefined),
        underWayMs / 3,
      ).unref();
      let kept: string | null = null;
      return {
        keep({ status, headers, body }) {
          if (body.length > MAX_BYTES) return;
          const reply = seal(JSON.stringify({ status, headers, body: body.toString('base64') }), secret);
          kept = JSON.stringify({ hash, reply });
        },
        async end() {
          clearInterval(renewal);
          const reply = kept !== null && (await hasRoom()) ? kept : '';
          await follow(reply, DAY_MS);
        },
      };
    },
  };
}

function replayOf(text: string, hash: string, secret: Buffer): KeptReply {
  const { hash: first, reply } = Kept.parse(JSON.parse(text));
  if (first !== hash) throw new PlanyardError('idempotency_mismatch');
  if (reply === null)
    throw new PlanyardError('conflict', 'The first request with this Idempotency-Key is under way', {
      retryAfter: 1,
    });
  const { status, headers, body } = SealedReply.parse(JSON.parse(unseal(reply, secret)));
  return { status, headers, body: Buffer.from(body, 'base64') };
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM: nonce, tag and text, in base64. */
function seal(text: string, secret: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secret, iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

function unseal(sealed: string, secret: Buffer): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const text = [decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()];
  return Buffer.concat(text).toString('utf8');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
