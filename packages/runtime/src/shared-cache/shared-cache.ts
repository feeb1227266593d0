import { readFileSync } from 'node:fs';
import type { Cluster, Redis } from 'ioredis';
import { watchRedisRoom } from '../redis-room.ts';

const JOIN = readFileSync(new URL('./join.lua', import.meta.url), 'utf8');
const HAND_OVER = readFileSync(new URL('./hand-over.lua', import.meta.url), 'utf8');
const KEEP = `${HAND_OVER}\n${readFileSync(new URL('./keep.lua', import.meta.url), 'utf8')}`;
const HAND_OVER_ONLY = `${HAND_OVER}\nhand_over(KEYS[1], unpack(ARGV)) return 1`;
const RENEW = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

export interface SharedCacheOptions {
  /** First part of every key. */
  namespace: string;
  /** Entries at most; the least recently used go first. */
  maxEntries: number;
  /** Bytes of all entries at most. */
  maxBytes: number;
  /** A larger entry is not kept. */
  maxEntryBytes?: number;
  /** An owner that has not renewed for so long is taken for dead. */
  leaseMs?: number;
  now?: () => number;
}

export type Joined =
  | { kind: 'hit'; value: string }
  /** Nobody has it: this owner is to make it. */
  | { kind: 'mine' }
  /** Another owner, `maker`, is making it: to be named at the next look. */
  | { kind: 'busy'; maker: string }
  /** It was made and cannot be shared: each is to make its own. */
  | { kind: 'alone' };

/** Texts in Redis, shared by all processes, and who is making one right now. All keys share a hash tag: scripts span them. */
export interface SharedCache {
  /** What is kept, without a claim to make it. */
  read(key: string): Promise<string | null>;
  /**
   * What is kept, the claim to make it, or who is making it; and what the maker that it waited for hands over, kept or
   * not. `kept`: whether a result that was kept earlier will do; `awaited`: the maker that the last look named. Look again within the lease.
   */
  join(key: string, owner: string, look: { kept: boolean; awaited: string | null }): Promise<Joined>;
  /** Hands a result to those that joined, keeps it where `ttlMs` is not 0 and Redis has room, and gives the claim up. */
  keep(key: string, owner: string, value: string, ttlMs: number): Promise<void>;
  giveUp(key: string, owner: string): Promise<void>;
  /** Renews the claim until the returned function is called. */
  hold(key: string, owner: string): () => void;
}

export function createSharedCache(redis: Redis | Cluster, options: SharedCacheOptions): SharedCache {
  const { maxEntries, maxBytes, maxEntryBytes = 1024 * 1024, leaseMs = 5_000, now = Date.now } = options;
  const base = `${options.namespace}:{cache}:`;
  const entry = (key: string) => `${base}e:${key}`;
  const lock = (key: string) => `${base}l:${key}`;
  const waiters = base;
  const books = [`${base}used`, `${base}expires`, `${base}sizes`, `${base}bytes`] as const;
  const hasRoom = watchRedisRoom(redis, now);

  async function handOver(key: string, owner: string, value: string): Promise<void> {
    await redis.eval(HAND_OVER_ONLY, 1, lock(key), owner, value, leaseMs, waiters);
  }

  async function giveUp(key: string, owner: string): Promise<void> {
    await redis.eval(RELEASE, 1, lock(key), owner);
  }

  return {
    read: (key) => redis.get(entry(key)),
    async join(key, owner, { kept, awaited }) {
      const keys = [entry(key), lock(key), books[0]];
      const args = [owner, leaseMs, key, kept ? '1' : '', awaited ?? '', waiters];
      const [kind, text = ''] = (await redis.eval(JOIN, keys.length, ...keys, ...args)) as [
        Joined['kind'],
        string?,
      ];
      if (kind === 'hit') return { kind, value: text };
      return kind === 'busy' ? { kind, maker: text } : { kind };
    },
    async keep(key, owner, value, ttlMs) {
      const shared = Buffer.byteLength(value) <= maxEntryBytes && (await hasRoom());
      if (!shared || ttlMs === 0) return handOver(key, owner, shared ? value : '');
      const keys = [entry(key), lock(key), ...books];
      await redis.eval(
        KEEP,
        keys.length,
        ...keys,
        owner,
        key,
        value,
        ttlMs,
        maxEntries,
        maxBytes,
        `${base}e:`,
        leaseMs,
        waiters,
      );
    },
    giveUp,
    hold(key, owner) {
      const timer = setInterval(() => {
        // Without it the claim is lost and another worker makes the same call: waste, no harm.
        redis.eval(RENEW, 1, lock(key), owner, leaseMs).catch(() => {});
      }, leaseMs / 3);
      return () => clearInterval(timer);
    },
  };
}
