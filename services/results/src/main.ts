import {
  createLogger,
  createMetricsRegistry,
  onShutdown,
  runMain,
  startMetricsServer,
} from '@planyard/runtime';
import { connectStore } from '@planyard/store';
import { readConfig } from './config.ts';
import { startResults } from './start-results.ts';

await runMain(async () => {
  const config = readConfig();
  const log = createLogger({ service: 'results', level: config.LOG_LEVEL });
  const registry = createMetricsRegistry('results');
  const store = connectStore({ databaseUrl: config.DATABASE_URL, poolSize: config.DATABASE_POOL_SIZE, log });
  const results = await startResults({ config, db: store.db, log, registry });
  const metrics = await startMetricsServer({
    port: config.METRICS_PORT,
    host: config.METRICS_HOST,
    registry,
    checks: results.checks,
  });
  onShutdown({
    log,
    graceMs: config.SHUTDOWN_GRACE_MS + 2_000,
    steps: [
      { name: 'archive', run: results.close },
      { name: 'metrics', run: metrics.close },
      { name: 'store', run: store.close },
    ],
  });
});
