import type { Cluster, Redis } from 'ioredis';

/** Above this share of Redis' maxmemory nothing more is kept that can be done without: it must not stop the engine. */
const SHARE = 0.7;
const EVERY_MS = 1_000;

/** Whether Redis has room for what can be done without; looked at once a second. */
export function watchRedisRoom(redis: Redis | Cluster, now: () => number = Date.now): () => Promise<boolean> {
  let checkedAt = 0;
  let room = true;
  return async () => {
    if (now() - checkedAt < EVERY_MS) return room;
    checkedAt = now();
    const memory = await redis.info('memory');
    const used = Number(/^used_memory:(\d+)/m.exec(memory)?.[1] ?? 0);
    const most = Number(/^maxmemory:(\d+)/m.exec(memory)?.[1] ?? 0);
    room = most === 0 || used < most * SHARE;
    return room;
  };
}
