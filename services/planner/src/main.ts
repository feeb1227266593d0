import {
  createLogger,
  createMetricsRegistry,
  onShutdown,
  runMain,
  startMetricsServer,
} from '@planyard/runtime';
import { connectStore } from '@planyard/store';
import { readConfig, readSurroundings } from './config.ts';
import { startPlanner } from './start-planner.ts';

await runMain(async () => {
  const config = readConfig();
  const log = createLogger({ service: 'planner', level: config.LOG_LEVEL });
  const registry = createMetricsRegistry('planner');
  const store = connectStore({ databaseUrl: config.DATABASE_URL, poolSize: config.DATABASE_POOL_SIZE, log });
  const planner = await startPlanner({ config, db: store.db, log, registry, ...readSurroundings() });
  const metrics = await startMetricsServer({
    port: config.METRICS_PORT,
    host: config.METRICS_HOST,
    registry,
    checks: planner.checks,
  });
  onShutdown({
    log,
    graceMs: config.SHUTDOWN_GRACE_MS + 2_000,
    steps: [
      { name: 'runs', run: planner.close },
      { name: 'metrics', run: metrics.close },
      { name: 'store', run: store.close },
    ],
  });
});
