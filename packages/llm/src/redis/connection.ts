import type { Cluster, Redis } from 'ioredis';

export type Connection = Redis | Cluster;

/** A connection to Redis and the first part of every key. All keys of the model layer share one hash tag: scripts span them. */
export interface LlmRedis {
  redis: Connection;
  namespace: string;
}

export function keyOf({ namespace }: LlmRedis, ...parts: string[]): string {
  return [`${namespace}:{llm}`, ...parts].join(':');
}
