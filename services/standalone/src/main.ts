import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, keepGarbageYoung, runMain } from '@planyard/runtime';
import { claimPort } from './claim-port.ts';
import { readConfig } from './config.ts';
import { lockDataDir } from './lock-data-dir.ts';
import { openLogFile } from './log-file.ts';
import { parseOptions } from './options.ts';
import { startServers } from './start-servers.ts';

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

  const logFile = openLogFile(join(dataDir, 'planyard.log'), process.stderr);
  const log = createLogger({ service: 'standalone', level: config.LOG_LEVEL, destination: logFile });
  // They open their data on the other core while the services are loaded, which takes as long and leaves nobody a turn of
  // the event loop. Where there is none yet, they wait until all settings are known to be right.
  const hasData = existsSync(join(dataDir, config.DATABASE_URL ? 'redis' : 'postgres'));
  const servers = hasData ? startServers({ config, dataDir, progress, log }) : undefined;
  await servers?.redis;
  const { serve } = await import('./serve.ts');
  await serve({ options, config, port, address, unlock, progress, logFile, log, servers });
}

await runMain(start);
