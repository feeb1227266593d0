import { configSchema as gatewayConfig, startGateway } from '@planyard/gateway';
import { configSchema as plannerConfig, startPlanner } from '@planyard/planner';
import { configSchema as resultsConfig, startResults } from '@planyard/results';
import {
  createLogger,
  createMetricsRegistry,
  type HealthCheck,
  type LogLevel,
  parseEnv,
  startMetricsServer,
} from '@planyard/runtime';
import type { Executor } from '@planyard/store';
import { startToolWorker, configSchema as toolWorkerConfig } from '@planyard/tool-worker';
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
  const base = (service: string) => ({
    db,
    log: createLogger({ service, level: deps.logLevel, destination: deps.logFile }),
    registry: createMetricsRegistry(service),
  });
  const forResults = base('results');
  const forToolWorker = base('tool-worker');
  const forPlanner = base('planner');
  const forGateway = base('gateway');

  const results = await startResults({ ...forResults, config: parseEnv(resultsConfig, env) });
  const toolWorker = await startToolWorker({ ...forToolWorker, config: parseEnv(toolWorkerConfig, env) });
  const planner = await startPlanner({ ...forPlanner, config: parseEnv(plannerConfig, env) });
  const gateway = await startGateway({ ...forGateway, config: parseEnv(gatewayConfig, env) });
  const checks: HealthCheck[] = results.checks;
  const metrics = await startMetricsServer({
    port: deps.metricsPort,
    host: '127.0.0.1',
    registry: combineRegistries(
      [forResults, forToolWorker, forPlanner, forGateway].map(({ registry }) => registry),
    ),
    checks,
  });
  return {
    port: gateway.port,
    metricsPort: metrics.port,
    close: async () => {
      await gateway.close();
      await Promise.all([planner.close(), toolWorker.close(), results.close()]);
      await metrics.close();
    },
  };
}
