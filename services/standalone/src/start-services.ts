import { configSchema as gatewayConfig, startGateway } from '@planyard/gateway';
import {
  createLogger,
  createMetricsRegistry,
  type HealthCheck,
  type LogLevel,
  parseEnv,
  startMetricsServer,
} from '@planyard/runtime';
import type { Executor } from '@planyard/store';
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
  const checks: HealthCheck[] = [];
  const base = (service: string) => ({
    db,
    log: createLogger({ service, level: deps.logLevel, destination: deps.logFile }),
    registry: createMetricsRegistry(service),
  });

  const forGateway = base('gateway');
  const gateway = await startGateway({ ...forGateway, config: parseEnv(gatewayConfig, env) });
  const metrics = await startMetricsServer({
    port: deps.metricsPort,
    host: '127.0.0.1',
    registry: combineRegistries([forGateway.registry]),
    checks,
  });
  return {
    port: gateway.port,
    metricsPort: metrics.port,
    close: async () => {
      await gateway.close();
      await metrics.close();
    },
  };
}
