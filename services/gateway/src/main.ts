import {
  createLogger,
  createMetricsRegistry,
  keepGarbageYoung,
  onShutdown,
  runMain,
  startMetricsServer,
} from '@planyard/runtime';
import { connectStore } from '@planyard/store';
import { readConfig, readSurroundings } from './config.ts';
import { startGateway } from './start-gateway.ts';

await runMain(async () => {
  keepGarbageYoung();
  const config = readConfig();
  const log = createLogger({ service: 'gateway', level: config.LOG_LEVEL });
  const registry = createMetricsRegistry('gateway');
  const store = connectStore({ databaseUrl: config.DATABASE_URL, poolSize: config.DATABASE_POOL_SIZE, log });
  const gateway = await startGateway({ config, db: store.db, log, registry, ...readSurroundings() });
  const metrics = await startMetricsServer({
    port: config.METRICS_PORT,
    host: config.METRICS_HOST,
    registry,
    checks: gateway.checks,
  });
  onShutdown({
    log,
    graceMs: config.SHUTDOWN_GRACE_MS + 2_000,
    steps: [
      { name: 'http', run: gateway.close },
      { name: 'metrics', run: metrics.close },
      { name: 'store', run: store.close },
    ],
  });
});
