import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { canonicalJson, type Json } from '@planyard/contracts';
import type { LlmLog } from '../../log.ts';
import { toModelError } from '../../model-error.ts';
import type { ModelName } from '../../model-name.ts';
import type { ReplyCache } from './reply-cache.ts';

const POLL_MS = 10;
const POLL_AT_MOST_MS = 250;

/** `joined`: another call made it meanwhile; `similar`: it was the reply to another question. */
export type CacheUse = 'hit' | 'joined' | 'similar' | 'miss';

/** How the elements of a stream are kept. */
export interface Kept<T> {
  /** Equal requests have equal ones, whatever else differs. Asked only where replies are kept: of a large request it takes its time. */
  key(): Json;
  toJson(element: T): Json;
  fromJson(json: Json): T;
}

export interface CacheContext<T> {
  cache: ReplyCache;
  key: string;
  kept: Kept<T>;
  ttlMs: number;
  signal: AbortSignal;
  log: LlmLog;
  observe(how: CacheUse): void;
  /** A reply was given again, that this model once made. */
  onReplay(name: ModelName): Promise<void>;
  /** Who answers the call that is made; null where its reply is not to be kept. */
  answeredBy(): ModelName | null;
}

interface Entry {
  by: ModelName;
  elements: Json[];
}

/** Tenants never share an entry. */
export function cacheKey(tenant: string, model: string, kept: Json): string {
  return createHash('sha256')
    .update(canonicalJson([tenant, model, kept]))
    .digest('hex');
}

/**
 * Gives a kept reply again, as the stream it was; where the same call is in flight in any process, waits for its reply;
 * else makes it, for the others too. When the one who makes it dies, fails or is left, the next in line makes it; when its
 * reply is too large to be shared, each who waited makes its own at once. Without Redis the call is made.
 */
export async function* withCache<T>(
  open: () => AsyncIterable<T>,
  context: CacheContext<T>,
): AsyncIterable<T> {
  const { cache, key, log, signal } = context;
  const owner = randomUUID();
  let awaited: string | null = null;
  for (let waits = 0; ; waits += 1) {
    const found: Awaited<ReturnType<ReplyCache['join']>> | { kind: 'down' } = await cache
      .join(key, owner, { kept: true, awaited })
      .catch((error: unknown) => {
        log.warn({ err: error }, 'the cache of replies does not answer');
        return { kind: 'down' as const };
      });
    switch (found.kind) {
      case 'hit':
        return yield* replay(found.value, waits === 0 ? 'hit' : 'joined', context);
      case 'mine':
        context.observe('miss');
        return yield* make(open, owner, context);
      case 'alone':
      case 'down':
        context.observe('miss');
        return yield* open();
      case 'busy':
        awaited = found.maker;
        await wait(Math.min(POLL_MS * 1.5 ** waits, POLL_AT_MOST_MS), undefined, { signal }).catch(
          (aborted: unknown) => {
            throw toModelError(aborted, signal);
          },
        );
    }
  }
}

export async function* replay<T>(
  value: string,
  how: CacheUse,
  context: Pick<CacheContext<T>, 'kept' | 'observe' | 'onReplay'>,
): AsyncIterable<T> {
  const { by, elements } = JSON.parse(value) as Entry;
  context.observe(how);
  for (const element of elements) yield context.kept.fromJson(element);
  await context.onReplay(by);
}

async function* make<T>(
  open: () => AsyncIterable<T>,
  owner: string,
  { cache, key, kept, ttlMs, log, answeredBy }: CacheContext<T>,
): AsyncIterable<T> {
  const release = cache.hold(key, owner);
  const elements: Json[] = [];
  let whole = false;
  try {
    for await (const element of open()) {
      elements.push(kept.toJson(element));
      yield element;
    }
    whole = true;
  } finally {
    release();
    const by = answeredBy();
    const value = JSON.stringify({ by, elements });
    const done = whole && by ? cache.keep(key, owner, value, ttlMs) : cache.giveUp(key, owner);
    await done.catch((error: unknown) => log.warn({ err: error }, 'a reply was not cached'));
  }
}
