import { Cluster } from 'ioredis';
import { isConnectionError } from './connection-error.ts';
import type { Connection } from './lua-script.ts';

/** A connection of its own, for messages or for what blocks; it comes back by itself, with its subscriptions. */
export function createOwnConnection(redis: Connection, onError: (error: unknown) => void): Connection {
  const own = redis instanceof Cluster ? redis.duplicate() : redis.duplicate({ maxRetriesPerRequest: null });
  own.on('error', (error) => {
    if (!isConnectionError(error)) onError(error);
  });
  return own;
}
