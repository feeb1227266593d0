// The door of the runtime: what any long-running process needs, without a word of the domain.
export { type FollowedFiles, followFiles } from './follow-files.ts';
export { freePort } from './free-port.ts';
export { type GuardedChild, spawnGuarded } from './guarded-child.ts';
export { checkHealth, type Health, type HealthCheck, redisHealthCheck } from './health.ts';
export { type ImportedModule, importModules } from './import-modules.ts';
export { keepGarbageYoung } from './keep-garbage-young.ts';
export { createLogger, LOG_LEVELS, type Logger, type LogLevel } from './logger.ts';
export { createMetricsRegistry, type MetricsServer, startMetricsServer } from './metrics-server.ts';
export { EnvError, type EnvFault, parseEnv } from './parse-env.ts';
export { redact, redactText } from './redact.ts';
export { connectRedis, parseRedisUrl, type RedisConnectionOptions } from './redis-connection.ts';
export { watchRedisRoom } from './redis-room.ts';
export { findRedisServer } from './redis-server/find-redis-server.ts';
export { RedisServerMissing, type RedisServerSource } from './redis-server/redis-server-source.ts';
export {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
} from './redis-server/start-redis-server.ts';
export { type Loop, repeat } from './repeat.ts';
export { runMain } from './run-main.ts';
export { count, databaseUrl, redisUrl, serviceEnv } from './service-env.ts';
export { createSharedCache, type Joined, type SharedCache } from './shared-cache/shared-cache.ts';
export { onShutdown, type ShutdownStep, sameKeystrokeMs } from './shutdown.ts';
export { EXIT_STARTUP_ERROR, StartupError } from './startup-error.ts';
export { startTracing, type Tracing } from './tracing.ts';
export { type DirectoryFile, type WatchedDirectory, watchDirectory } from './watch-directory.ts';
