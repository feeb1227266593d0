import { createHash } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';

export type Connection = Redis | Cluster;

/** Runs a script on the node that holds its keys. */
export type LuaScript = (
  redis: Connection,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/** A script that is sent once to each Redis and then called by its SHA-1; a restarted Redis gets it again. */
export function luaScript(body: string): LuaScript {
  const sha = createHash('sha1').update(body).digest('hex');
  return (redis, keys, args) =>
    redis.evalsha(sha, keys.length, ...keys, ...args).catch((error: Error) => {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(body, keys.length, ...keys, ...args);
    });
}
