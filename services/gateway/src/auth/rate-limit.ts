import { PlanyardError } from '@planyard/contracts';
import type { Cluster, Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { within } from '../http/within.ts';

export interface RateLimitState {
  limit: number;
  remaining: number;
  /** Seconds until the window starts anew. */
  resetS: number;
}

export interface RateLimit {
  /** Counts one request; the state tells whether it was one too many. Throws `unavailable` when Redis does not answer, `storage_full` when it takes no more: it fails closed. */
  count(subject: string): Promise<RateLimitState & { exceeded: boolean }>;
}

/** A user over all their keys. */
export function userSubject({ tenant, user }: { tenant: string; user: string }): string {
  return `user:${tenant}:${user}`;
}

/** A Redis that hangs is as good as none. */
const patienceMs = 2_000;

/** Requests a minute for each subject (a user over all their keys, or an address), counted in Redis over all gateways. */
export function createRateLimit(
  redis: Redis | Cluster,
  perMinute: number,
  keyPrefix = 'planyard:rate',
): RateLimit {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix,
    points: perMinute,
    duration: 60,
    rejectIfRedisNotReady: true,
  });
  return {
    async count(subject) {
      try {
        return {
          ...stateOf(await within(patienceMs, 'Redis', limiter.consume(subject)), perMinute),
          exceeded: false,
        };
      } catch (thrown) {
        if (thrown instanceof RateLimiterRes) return { ...stateOf(thrown, perMinute), exceeded: true };
        const full = thrown instanceof Error && /\b(OOM|MISCONF)\b/.test(thrown.message);
        throw new PlanyardError(full ? 'storage_full' : 'unavailable', 'Requests cannot be counted now', {
          cause: thrown,
          retryAfter: 2,
        });
      }
    },
  };
}

function stateOf(result: RateLimiterRes, limit: number): RateLimitState {
  return {
    limit,
    remaining: Math.max(0, result.remainingPoints),
    resetS: Math.max(1, Math.ceil(result.msBeforeNext / 1000)),
  };
}

/** The headers of a counted request; X-RateLimit-Reset is in seconds since the epoch, RateLimit-Reset in seconds from now. */
export function rateLimitHeaders(state: RateLimitState, nowMs: number): Record<string, string> {
  const limit = String(state.limit);
  const remaining = String(state.remaining);
  return {
    'RateLimit-Policy': `${limit};w=60`,
    'RateLimit-Limit': limit,
    'RateLimit-Remaining': remaining,
    'RateLimit-Reset': String(state.resetS),
    'X-RateLimit-Limit': limit,
    'X-RateLimit-Remaining': remaining,
    'X-RateLimit-Reset': String(Math.ceil(nowMs / 1000) + state.resetS),
  };
}
