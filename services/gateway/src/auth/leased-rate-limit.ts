import { PlanyardError } from '@planyard/contracts';
import type { Cluster, Redis } from 'ioredis';
import { within } from '../http/within.ts';
import type { RateLimit, RateLimitState } from './rate-limit.ts';

interface Lease {
  minute: number;
  /** Requests of it not yet used. */
  left: number;
  /** What Redis had left beyond it when it was taken. */
  beyond: number;
  /** One lease is taken at a time; who finds none left waits for it. */
  taking: Promise<void> | null;
}

/** A Redis that hangs is as good as none. */
const patienceMs = 2_000;
const minuteMs = 60_000;
const capacity = 10_000;

/**
 * Requests a minute for each subject over all gateways, taken from Redis in leases of a thousandth of the limit (one at
 * least), so that a quick caller costs no Redis trip for each request. Never more than the limit passes; what is leased and
 * not used when the minute ends, a thousandth for each gateway at most, is lost. Throws as `createRateLimit` does.
 */
export function createLeasedRateLimit(
  redis: Redis | Cluster,
  options: { perMinute: number; keyPrefix: string; now: () => number },
): RateLimit {
  const { perMinute, keyPrefix, now } = options;
  const size = Math.max(1, Math.floor(perMinute / 1000));
  const leases = new Map<string, Lease>();

  function leaseOf(subject: string, minute: number): Lease {
    const known = leases.get(subject);
    if (known?.minute === minute) return known;
    leases.delete(subject);
    if (leases.size >= capacity) leases.delete(leases.keys().next().value as string);
    const lease: Lease = { minute, left: 0, beyond: perMinute, taking: null };
    leases.set(subject, lease);
    return lease;
  }

  async function take(subject: string, lease: Lease): Promise<void> {
    const key = `${keyPrefix}:${subject}:${lease.minute}`;
    const trip = redis
      .pipeline()
      .incrby(key, size)
      .pexpire(key, 2 * minuteMs)
      .exec();
    const [counted, expiring] = (await within(patienceMs, 'Redis', trip)) ?? [];
    const error = counted?.[0] ?? expiring?.[0];
    if (error) throw error;
    const before = Number(counted?.[1]) - size;
    const granted = Math.max(0, Math.min(size, perMinute - before));
    lease.left += granted;
    lease.beyond = Math.max(0, perMinute - before - granted);
  }

  async function refill(subject: string, lease: Lease): Promise<void> {
    lease.taking ??= take(subject, lease).finally(() => {
      lease.taking = null;
    });
    try {
      await lease.taking;
    } catch (thrown) {
      const full = thrown instanceof Error && /\b(OOM|MISCONF)\b/.test(thrown.message);
      throw new PlanyardError(full ? 'storage_full' : 'unavailable', 'Requests cannot be counted now', {
        cause: thrown,
        retryAfter: 2,
      });
    }
  }

  function stateOf(lease: Lease, nowMs: number): RateLimitState {
    const resetS = Math.max(1, Math.ceil(((lease.minute + 1) * minuteMs - nowMs) / 1000));
    return { limit: perMinute, remaining: lease.left + lease.beyond, resetS };
  }

  return {
    async count(subject) {
      const nowMs = now();
      const lease = leaseOf(subject, Math.floor(nowMs / minuteMs));
      while (lease.left === 0 && lease.beyond > 0) await refill(subject, lease);
      const exceeded = lease.left === 0;
      if (!exceeded) lease.left -= 1;
      return { ...stateOf(lease, nowMs), exceeded };
    },
  };
}
