export { freePort } from './free-port.ts';
export { type GuardedChild, spawnGuarded } from './guarded-child.ts';
export { findRedisServer } from './redis-server/find-redis-server.ts';
export { RedisServerMissing, type RedisServerSource } from './redis-server/redis-server-source.ts';
export {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
} from './redis-server/start-redis-server.ts';
