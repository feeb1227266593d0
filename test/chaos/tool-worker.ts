import { createLogger, createMetricsRegistry, onShutdown, runMain } from '@planyard/runtime';
import { connectStore } from '@planyard/store';
import { startToolWorker } from '@planyard/tool-worker';
import { toolWorkerConfig } from './env.ts';

// The tool worker as it is, with the tools of the chaos run, or of the directory that it is given as a URL.
await runMain(async () => {
  const config = toolWorkerConfig();
  const log = createLogger({ service: 'tool-worker', level: config.LOG_LEVEL });
  const registry = createMetricsRegistry('tool-worker');
  const store = connectStore({ databaseUrl: config.DATABASE_URL, poolSize: config.DATABASE_POOL_SIZE, log });
  const toolsDirectory = new URL(process.argv[2] ?? './tools/', import.meta.url);
  const worker = await startToolWorker({ config, db: store.db, log, registry, toolsDirectory });
  onShutdown({
    log,
    graceMs: 10_000,
    steps: [
      { name: 'steps', run: worker.close },
      { name: 'store', run: store.close },
    ],
  });
});
