import { configSchema as gatewayConfig, startGateway } from '@planyard/gateway';
import { configSchema as plannerConfig, startPlanner } from '@planyard/planner';
import { configSchema as resultsConfig, startResults } from '@planyard/results';
import {
  createLogger,
  createMetricsRegistry,
  EnvError,
  type EnvFault,
  type LogLevel,
  parseEnv,
  startMetricsServer,
} from '@planyard/runtime';
import type { Executor } from '@planyard/store';
import { startToolWorker, configSchema as toolWorkerConfig } from '@planyard/tool-worker';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import { combineRegistries } from './combine-registries.ts';
import type { LogFile } from './log-file.ts';

export interface Services {
  port: number;
  metricsPort: number;
  /** Drains the gateway first, then the rest together. */
  close(): Promise<void>;
}

export interface StartServicesDeps {
  /** What each service's settings are parsed from. */
  env: Record<string, string | undefined>;
  /** Shared: the embedded database has one connection. */
  db: Executor;
  logLevel: LogLevel;
  logFile: LogFile;
  metricsPort: number;
}

/** Starts the four services in this process; they meet only in Redis and Postgres, as they do apart. */
export async function startServices(deps: StartServicesDeps): Promise<Services> {
  const { db, env } = deps;
  const configs = parseSettings(env);
  const registries: Registry[] = [];
  const base = (service: string) => {
    const registry = createMetricsRegistry(service);
    registries.push(registry);
    return {
      db,
      log: createLogger({ service, level: deps.logLevel, destination: deps.logFile }),
      registry,
    };
  };

  const models = { secrets: env, directory: process.cwd() };
  const workers = await Promise.all([
    startResults({ ...base('results'), config: configs.results }),
    startToolWorker({ ...base('tool-worker'), ...models, config: configs.toolWorker }),
    startPlanner({ ...base('planner'), ...models, config: configs.planner }),
  ]);
  const gateway = await startGateway({ ...base('gateway'), ...models, config: configs.gateway });
  const metrics = await startMetricsServer({
    port: deps.metricsPort,
    host: '127.0.0.1',
    registry: combineRegistries(registries),
    // All services ask the same Redis and the same database here.
    checks: workers[0].checks,
  });
  return {
    port: gateway.port,
    metricsPort: metrics.port,
    close: async () => {
      await gateway.close();
      await Promise.all(workers.map((worker) => worker.close()));
      await metrics.close();
    },
  };
}

/** The settings of all services. Throws EnvError with the faults of all at once, a setting that several read once. */
export function parseSettings(env: StartServicesDeps['env']) {
  const faults = new Map<string, EnvFault>();
  const parse = <S extends z.ZodObject>(schema: S): z.output<S> => {
    try {
      return parseEnv(schema, env);
    } catch (error) {
      if (!(error instanceof EnvError)) throw error;
      for (const fault of error.faults) faults.set(fault.variable, fault);
      // Never used: the faults are thrown below.
      return {} as z.output<S>;
    }
  };
  const configs = {
    gateway: parse(gatewayConfig),
    planner: parse(plannerConfig),
    toolWorker: parse(toolWorkerConfig),
    results: parse(resultsConfig),
  };
  if (faults.size > 0) throw new EnvError([...faults.values()]);
  return configs;
}
