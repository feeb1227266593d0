import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it, onTestFinished, vi } from 'vitest';
import { createSharedCache, type SharedCacheOptions } from './shared-cache.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.disconnect());

function open(options: Partial<SharedCacheOptions> = {}) {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const cache = createSharedCache(redis, { namespace, maxEntries: 100, maxBytes: 10_000, ...options });
  const lookUp = (key: string, owner: string) => cache.join(key, owner, { kept: true, awaited: null });
  return {
    ...cache,
    lookUp,
    namespace,
    async put(key: string, value: string, ttlMs = 60_000) {
      await lookUp(key, 'owner');
      await cache.keep(key, 'owner', value, ttlMs);
    },
    async has(key: string) {
      const { kind } = await lookUp(key, 'reader');
      if (kind === 'mine') await cache.giveUp(key, 'reader');
      return kind === 'hit';
    },
  };
}

it('drops the least recently used entry first', async () => {
  const cache = open({ maxEntries: 3 });
  for (const key of ['a', 'b', 'c']) await cache.put(key, key);
  expect(await cache.has('a')).toBe(true);
  await cache.put('d', 'd');
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(cache.has))).toEqual([true, false, true, true]);
});

it('keeps within its bytes, and forgets what has expired', async () => {
  const cache = open({ maxBytes: 100, maxEntryBytes: 60 });
  await cache.put('a', 'x'.repeat(50));
  await cache.put('b', 'x'.repeat(50));
  expect(await cache.has('a')).toBe(true);
  await cache.put('c', 'x'.repeat(50));
  expect(await Promise.all(['a', 'b', 'c'].map(cache.has))).toEqual([true, false, true]);
  await cache.put('huge', 'x'.repeat(61));
  expect(await cache.has('huge')).toBe(false);

  await cache.put('short', 'x'.repeat(50), 1);
  while (await cache.has('short'));
  await cache.put('small', 'x');
  expect(Number(await redis.get(`${cache.namespace}:{cache}:bytes`))).toBeLessThanOrEqual(51);
});

it('lets one owner make a result, and the next when that one dies', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const cache = open({ leaseMs: 60_000 });
  const lock = `${cache.namespace}:{cache}:l:a`;
  expect(await cache.lookUp('a', 'one')).toEqual({ kind: 'mine' });
  expect(await redis.pttl(lock)).toBeGreaterThan(30_000);
  const release = cache.hold('a', 'one');
  // What the holder sends by then reaches Redis before the next question does.
  const halfLater = async () => {
    await redis.pexpire(lock, 30_000);
    vi.advanceTimersByTime(30_000);
    return redis.pttl(lock);
  };
  expect(await halfLater()).toBeGreaterThan(30_000);
  expect(await cache.lookUp('a', 'two')).toMatchObject({ kind: 'busy' });
  release();
  expect(await halfLater()).toBeLessThanOrEqual(30_000);
  await redis.pexpire(lock, 0);
  expect(await cache.lookUp('a', 'two')).toEqual({ kind: 'mine' });
  // The dead owner comes back: the claim of the living one stands.
  await cache.giveUp('a', 'one');
  expect(await cache.lookUp('a', 'three')).toMatchObject({ kind: 'busy' });
  await cache.keep('a', 'two', 'made', 1_000);
  expect(await cache.lookUp('a', 'three')).toEqual({ kind: 'hit', value: 'made' });
});

it('hands a result that is not to be kept to those who waited for it, and to nobody who comes later', async () => {
  const cache = open();
  const look = (owner: string, awaited: string | null = null) =>
    cache.join('a', owner, { kept: true, awaited });
  expect(await look('one')).toEqual({ kind: 'mine' });
  expect(await look('two')).toEqual({ kind: 'busy', maker: 'one' });
  expect(await look('two', 'one')).toEqual({ kind: 'busy', maker: 'one' });
  expect(await look('three')).toEqual({ kind: 'busy', maker: 'one' });
  await cache.keep('a', 'one', 'made', 0);
  expect(await look('late')).toEqual({ kind: 'mine' });
  expect(await look('two', 'one')).toEqual({ kind: 'hit', value: 'made' });
  expect(await look('three', 'one')).toEqual({ kind: 'hit', value: 'made' });
  await cache.giveUp('a', 'late');
  expect(await redis.keys(`${cache.namespace}:*`)).toEqual([]);
});

it('lets each make its own of what is too large to be shared, and the next of what failed', async () => {
  const cache = open({ maxEntryBytes: 3 });
  const look = (owner: string, awaited: string | null = null) =>
    cache.join('a', owner, { kept: true, awaited });
  await look('one');
  await look('two');
  await cache.keep('a', 'one', 'large', 60_000);
  expect(await look('two', 'one')).toEqual({ kind: 'alone' });

  await look('three');
  await look('four');
  await look('five');
  await cache.giveUp('a', 'three');
  expect(await look('four', 'three')).toEqual({ kind: 'mine' });
  expect(await look('five', 'three')).toEqual({ kind: 'busy', maker: 'four' });
});

it('keeps nothing while Redis is nearly full', async () => {
  const full = new Proxy(redis, {
    get: (target, name) =>
      name === 'info'
        ? async () => 'used_memory:71\r\nmaxmemory:100\r\n'
        : typeof target[name as keyof Redis] === 'function'
          ? (target[name as keyof Redis] as () => unknown).bind(target)
          : target[name as keyof Redis],
  });
  const cache = createSharedCache(full, {
    namespace: `t${randomUUID().slice(0, 8)}`,
    maxEntries: 10,
    maxBytes: 1000,
  });
  const look = (owner: string) => cache.join('a', owner, { kept: true, awaited: null });
  await look('one');
  await cache.keep('a', 'one', 'value', 1_000);
  expect(await look('two')).toEqual({ kind: 'mine' });
});
