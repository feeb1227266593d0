import { Cluster } from 'ioredis';
import type { Connection } from './lua-script.ts';

/** A connection of its own for messages; it comes back by itself, with its subscriptions. */
export function createSubscriber(redis: Connection, onError: (error: unknown) => void): Connection {
  const subscriber =
    redis instanceof Cluster ? redis.duplicate() : redis.duplicate({ maxRetriesPerRequest: null });
  subscriber.on('error', onError);
  return subscriber;
}
