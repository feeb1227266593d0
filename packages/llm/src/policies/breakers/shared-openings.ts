import { randomUUID } from 'node:crypto';
import { Cluster } from 'ioredis';
import type { LlmLog } from '../../log.ts';
import { type Connection, keyOf, type LlmRedis } from '../../redis/connection.ts';
import { loadScript } from '../../redis/script.ts';

const OPEN = loadScript('./open.lua', import.meta.url);
const LEASE = loadScript('./lease-probe.lua', import.meta.url);
const READ = loadScript('./read.lua', import.meta.url);
const RENEW = loadScript('./renew-probe.lua', import.meta.url);
const RELEASE = loadScript('./release-probe.lua', import.meta.url);

/** Without a message, a process learns of an opening this late. */
const LOOK_EVERY_MS = 1_000;
const PROBE_LEASE_MS = 10_000;

/** Breakers that some process has opened, in Redis. Messages only make it quicker: each process looks once a second. */
export interface SharedOpenings {
  /** Settles when Redis was asked for the first time, however that went. */
  ready: Promise<void>;
  /** Tells all processes that it is open for that long. */
  open(key: string, ms: number): void;
  close(key: string): void;
  /** Takes the one lease on probing `key`; null when another process has it. Without Redis everybody may probe. */
  leaseProbe(key: string): Promise<ProbeLease | null>;
  end(): void;
}

export interface ProbeLease {
  /** Gives it up once what was told before is known to Redis. */
  release(): void;
}

export interface OpeningsListener {
  onOpened(key: string): void;
  onClosed(key: string): void;
}

export function shareOpenings(deps: LlmRedis & { log: LlmLog }, listener: OpeningsListener): SharedOpenings {
  const { redis, log } = deps;
  const openings = keyOf(deps, 'openings');
  const owner = randomUUID();
  /** The opening of each key that this process knows, acknowledged by Redis. */
  const known = new Map<string, string>();
  const subscriber: Connection = redis instanceof Cluster ? redis.duplicate() : redis.duplicate();
  let told: Promise<unknown> = Promise.resolve();
  const failed = (error: unknown) => log.warn({ err: error }, 'breakers cannot be shared');

  async function look(): Promise<void> {
    const before = new Map(known);
    const found = (await READ(redis, [openings], [])) as string[];
    const there = new Set<string>();
    for (let at = 0; at < found.length; at += 3) {
      const [key, opening, left] = found.slice(at, at + 3) as [string, string, string];
      there.add(key);
      if (known.get(key) === opening || Number(left) <= 0) continue;
      known.set(key, opening);
      listener.onOpened(key);
    }
    for (const [key, opening] of before) {
      if (there.has(key) || known.get(key) !== opening) continue;
      known.delete(key);
      listener.onClosed(key);
    }
  }

  // A look that fails is repeated by the next; the connection itself reports that Redis is away.
  const lookAgain = () => void look().catch(() => undefined);
  const timer = setInterval(lookAgain, LOOK_EVERY_MS).unref();
  subscriber.on('error', () => undefined);
  subscriber.on('message', lookAgain);
  subscriber.subscribe(openings).catch(failed);

  return {
    ready: look().catch(failed),
    open(key, ms) {
      const opening = randomUUID();
      told = OPEN(redis, [openings], [key, opening, ms]).then(() => known.set(key, opening), failed);
    },
    close(key) {
      known.delete(key);
      told = redis.multi().hdel(openings, key).publish(openings, key).exec().catch(failed);
    },
    async leaseProbe(key) {
      const lease = keyOf(deps, 'probe', key);
      const taken = await LEASE(redis, [lease, openings], [key, owner, PROBE_LEASE_MS]).catch(() => 1);
      if (taken !== 1) return null;
      const renewal = setInterval(() => {
        // Lost, it may let a second probe through: waste, no harm.
        RENEW(redis, [lease], [owner, PROBE_LEASE_MS]).catch(() => undefined);
      }, PROBE_LEASE_MS / 3).unref();
      return {
        release() {
          clearInterval(renewal);
          // Only when all know what the probe found: else each process would probe in turn.
          told.then(() => RELEASE(redis, [lease], [owner])).catch(() => undefined);
        },
      };
    },
    end() {
      clearInterval(timer);
      subscriber.disconnect();
    },
  };
}
