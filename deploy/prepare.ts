import { createLogger, runMain } from '@planyard/runtime';
import { readConfig } from './config.ts';
import { prepareDatabase } from './prepare-database.ts';

// What runs once before the services of a deployment.

await runMain(async () => {
  const config = readConfig();
  const done = await prepareDatabase({
    databaseUrl: config.DATABASE_URL,
    keyFile: '.planyard/api-key',
    now: new Date(),
    log: createLogger({ service: 'prepare', level: config.LOG_LEVEL }),
  });
  process.stdout.write(`${[...done, 'the database is ready'].join('\n')}\n`);
});
