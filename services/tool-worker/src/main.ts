import {
  createLogger,
  createMetricsRegistry,
  onShutdown,
  runMain,
  startMetricsServer,
} from '@planyard/runtime';
import { connectStore } from '@planyard/store';
import { readConfig, readSurroundings } from './config.ts';
import { startToolWorker } from './start-tool-worker.ts';

await runMain(async () => {
  const config = readConfig();
  const log = createLogger({ service: 'tool-worker', level: config.LOG_LEVEL });
  const registry = createMetricsRegistry('tool-worker');
  const store = connectStore({ databaseUrl: config.DATABASE_URL, poolSize: config.DATABASE_POOL_SIZE, log });
  const worker = await startToolWorker({ config, db: store.db, log, registry, ...readSurroundings() });
  const metrics = await startMetricsServer({
    port: config.METRICS_PORT,
    host: config.METRICS_HOST,
    registry,
    checks: worker.checks,
  });
  onShutdown({
    log,
    graceMs: config.SHUTDOWN_GRACE_MS + 2_000,
    steps: [
      { name: 'steps', run: worker.close },
      { name: 'metrics', run: metrics.close },
      { name: 'store', run: store.close },
    ],
  });
});
