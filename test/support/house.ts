import { randomUUID } from 'node:crypto';
import { configSchema as gatewayConfig, startGateway } from '@planyard/gateway';
import { configSchema as plannerConfig, startPlanner } from '@planyard/planner';
import { configSchema as resultsConfig, startResults } from '@planyard/results';
import { createLogger, createMetricsRegistry, type HealthCheck, parseEnv } from '@planyard/runtime';
import { type Client, createClient } from '@planyard/sdk';
import { connectStore, createKey, type Executor } from '@planyard/store';
import { openTestDatabase } from '@planyard/store/testing';
import { startToolWorker, configSchema as toolWorkerConfig } from '@planyard/tool-worker';

/** The four services in this process on real Redis and Postgres, and a client at their door. */
export interface House {
  url: string;
  key: string;
  client: Client;
  /** A way to the database of its own, whatever becomes of the services' one. */
  db: Executor;
  /** What `/readyz` of the gateway's metrics port is made of. */
  gateway: { checks: HealthCheck[] };
  /** What `/readyz` and `/metrics` of the planner are made of. */
  planner: { checks: HealthCheck[]; metrics(): Promise<string> };
  /** Everything the services logged so far. */
  log(): string;
  /** A request whose reply is taken as it comes. */
  request(method: string, path: string, body?: unknown): Promise<HouseReply>;
  close(): Promise<void>;
}

export interface HouseReply {
  status: number;
  headers: Headers;
  json: { [key: string]: unknown };
}

export interface HouseOptions {
  redisUrl: string;
  /** A PGlite in memory without it. */
  postgresUrl: string | undefined;
  /** Settings of any service. */
  env?: Record<string, string>;
  /** The variables that secrets of `planyard.yaml` lie in. */
  secrets?: Record<string, string>;
  /** Instead of the ops tools. */
  toolsDirectory?: URL;
  /** Another way to the database, for the services alone. */
  wayToDatabase?: (databaseUrl: string) => Promise<string>;
}

const nothingOnLocalhost: typeof fetch = () => Promise.reject(new Error('nothing is looked for in tests'));

export async function openHouse(options: HouseOptions): Promise<House> {
  const database = await openTestDatabase(options.postgresUrl);
  const databaseUrl = (await options.wayToDatabase?.(database.url)) ?? database.url;
  const store = connectStore({
    databaseUrl,
    poolSize: options.postgresUrl ? 10 : 1,
    log: { warn: () => {} },
  });
  const env = {
    REDIS_URL: options.redisUrl,
    DATABASE_URL: databaseUrl,
    // Houses of other test files stand beside it, on the same Redis.
    PLANYARD_NAMESPACE: `t${randomUUID().slice(0, 8)}`,
    PORT: '0',
    PLANYARD_RATE_LIMIT: '100000',
    // Nothing listens there: the planner goes by rules whatever this machine runs.
    OLLAMA_BASE_URL: '',
    SHUTDOWN_GRACE_MS: '500',
    ...options.env,
  };
  const lines: string[] = [];
  const base = (service: string) => ({
    db: store.db,
    log: createLogger({
      service,
      level: 'debug',
      destination: { write: (line: string) => void lines.push(line) },
    }),
    registry: createMetricsRegistry(service),
  });
  const ofPlanner = base('planner');
  const planner = await startPlanner({
    ...ofPlanner,
    config: parseEnv(plannerConfig, env),
    fetch: nothingOnLocalhost,
  });
  const services = [
    await startResults({ ...base('results'), config: parseEnv(resultsConfig, env) }),
    await startToolWorker({
      ...base('tool-worker'),
      config: parseEnv(toolWorkerConfig, env),
      secrets: options.secrets ?? {},
      ...(options.toolsDirectory ? { toolsDirectory: options.toolsDirectory } : {}),
    }),
    planner,
  ];
  const gateway = await startGateway({
    ...base('gateway'),
    config: parseEnv(gatewayConfig, env),
    fetch: nothingOnLocalhost,
  });
  const { key } = await createKey(
    database.db,
    { name: 'story', user: 'story', tenant: 'default', scopes: ['admin'] },
    { now: new Date() },
  );
  const url = `http://127.0.0.1:${gateway.port}`;
  return {
    url,
    key,
    client: createClient({ baseUrl: url, apiKey: key }),
    db: database.db,
    gateway: { checks: gateway.checks },
    planner: { checks: planner.checks, metrics: () => ofPlanner.registry.metrics() },
    log: () => lines.join(''),
    async request(method, path, body) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return {
        status: response.status,
        headers: response.headers,
        json: (await response.json()) as HouseReply['json'],
      };
    },
    async close() {
      await gateway.close();
      await Promise.all(services.map((service) => service.close()));
      await store.close();
      await database.close();
    },
  };
}
