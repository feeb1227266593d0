import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Connection } from './connection.ts';

export type Script = (redis: Connection, keys: string[], args: (string | number)[]) => Promise<unknown>;

/** A Lua file beside the module of `base`; sent once and then called by its SHA-1. */
export function loadScript(file: string, base: string): Script {
  const body = readFileSync(new URL(file, base), 'utf8');
  const sha = createHash('sha1').update(body).digest('hex');
  return async (redis, keys, args) => {
    const all = [keys.length, ...keys, ...args] as const;
    try {
      return await redis.evalsha(sha, ...all);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await redis.eval(body, ...all);
    }
  };
}
