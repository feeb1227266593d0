import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { keepGarbageYoung, runMain } from '@planyard/runtime';
import { claimPort } from './claim-port.ts';
import { readConfig } from './config.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { lockDataDir } from './lock-data-dir.ts';
import { parseOptions } from './options.ts';

async function start() {
  keepGarbageYoung();
  const options = parseOptions(process.argv.slice(2));
  if (!options) return;
  const { dataDir } = options;
  const config = readConfig();
  const port = options.port ?? config.PORT;
  const address = `http://localhost:${port}`;

  // No new directory is left behind where the port is taken; in an old one, whoever runs on it is the better answer.
  if (!existsSync(dataDir)) await claimPort(port, config.HOST);
  const unlock = await lockDataDir(dataDir, address);
  await claimPort(port, config.HOST);
  const progress = (text: string) => void process.stderr.write(`planyard: ${text}\n`);
  progress('starting');

  // It opens its data on the other core while the services are loaded, which takes as long. A new one waits until all
  // settings are known to be right.
  const postgresDir = join(dataDir, 'postgres');
  const isNew = config.DATABASE_URL !== undefined || !existsSync(postgresDir);
  const postgres = isNew ? undefined : startEmbeddedPostgres(postgresDir);
  // Told to whoever awaits it.
  postgres?.catch(() => undefined);
  const { serve } = await import('./serve.ts');
  await serve({ options, config, port, address, unlock, progress, postgresDir, postgres });
}

await runMain(start);
