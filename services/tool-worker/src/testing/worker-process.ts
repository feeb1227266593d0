// A tool worker with the tools beside this file, in a process of its own: for tests that kill it.
import { createLogger } from '@planyard/runtime';
import { connectStore } from '@planyard/store';
import { Registry } from 'prom-client';
import { configSchema } from '../config.ts';
import { startToolWorker } from '../start-tool-worker.ts';

process.once('message', async (env: Record<string, string>) => {
  const config = configSchema.parse(env);
  const log = createLogger({ service: 'test', level: 'silent' });
  const store = connectStore({ databaseUrl: config.DATABASE_URL, poolSize: 1, log });
  const toolsDirectory = new URL('./tools/', import.meta.url);
  await startToolWorker({ config, db: store.db, log, registry: new Registry(), toolsDirectory });
});
process.on('disconnect', () => process.exit(0));
