import { randomUUID } from 'node:crypto';
import type { CreateKeyRequest, Scope } from '@planyard/contracts';
import { createEngine } from '@planyard/engine';
import { createLogger, createMetricsRegistry } from '@planyard/runtime';
import { connectStore, createKey, type Executor } from '@planyard/store';
import { openTestDatabase } from '@planyard/store/testing';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { configSchema } from '../config.ts';
import { startGateway } from '../start-gateway.ts';

/** A gateway that listens on a free port, over a real Redis and a PGlite of its own, with an engine to play the other services. */
export async function openGateway(
  redisUrl: string,
  env: Record<string, string> = {},
  /** Another way to the database, for the gateway alone. */
  way?: (databaseUrl: string) => Promise<string>,
) {
  const database = await openTestDatabase(inject('postgresUrl'));
  const own =
    way && connectStore({ databaseUrl: await way(database.url), poolSize: 1, log: { warn: () => {} } });
  const namespace = `g${randomUUID().slice(0, 8)}`;
  const lines: string[] = [];
  const log = createLogger({
    service: 'gateway',
    level: 'debug',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const registry = createMetricsRegistry('gateway');
  const config = configSchema.parse({
    REDIS_URL: redisUrl,
    DATABASE_URL: database.url,
    PORT: '0',
    PLANYARD_NAMESPACE: namespace,
    PLANYARD_RATE_LIMIT: '100000',
    SHUTDOWN_GRACE_MS: '1000',
    ...env,
  });
  let ahead = 0;
  const gateway = await startGateway({
    config,
    now: () => Date.now() + ahead,
    db: own?.db ?? database.db,
    log,
    registry,
    fetch: () => Promise.reject(new Error('nothing is looked for in tests')),
  });
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 3 });
  const workerRedis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  // A test may cut the way to Redis: the commands that need it fail by themselves.
  for (const connection of [redis, workerRedis]) connection.on('error', () => {});
  const engine = createEngine({ redis, workerRedis, log, settings: { namespace } });
  const url = `http://127.0.0.1:${gateway.port}`;
  return {
    url,
    checks: gateway.checks,
    db: database.db,
    engine,
    redis,
    registry,
    namespace,
    /** What was logged so far, a line an entry. */
    lines,
    /** Lets time pass for the gateway alone, or goes back. */
    pass(ms: number) {
      ahead += ms;
    },
    key: (scopes: Scope[], rest: Partial<CreateKeyRequest> = {}) => makeKey(database.db, scopes, rest),
    async close() {
      await gateway.close();
      await own?.close();
      await Promise.race([engine.close(), new Promise((resolve) => setTimeout(resolve, 1_000))]);
      redis.disconnect();
      workerRedis.disconnect();
      await database.close();
    },
  };
}

export type TestGateway = Awaited<ReturnType<typeof openGateway>>;

async function makeKey(db: Executor, scopes: Scope[], rest: Partial<CreateKeyRequest>): Promise<string> {
  const request = { name: 'test', user: `u${randomUUID().slice(0, 8)}`, tenant: 'default', scopes, ...rest };
  return (await createKey(db, request, { now: new Date() })).key;
}

/** A request with a key; the body is sent as JSON unless it is text. */
export async function call(
  gateway: TestGateway,
  method: string,
  path: string,
  options: { key?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers: {
      ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined
      ? {}
      : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : null,
  };
}
