import { join, resolve } from 'node:path';
import { PlanyardError } from '@planyard/contracts';
import { type Logger, onShutdown, StartupError } from '@planyard/runtime';
import { connectStore, type Executor, holdsSample, inventoryVersion } from '@planyard/store';
import { loadSampleInventory } from '@planyard/tool-worker';
import { announcement } from './announce.ts';
import { type StandaloneConfig, serviceEnv } from './config.ts';
import { firstKey } from './first-key.ts';
import { keepWalShort } from './keep-wal-short.ts';
import type { LogFile } from './log-file.ts';
import { migrateDatabase } from './migrate-database.ts';
import type { StandaloneOptions } from './options.ts';
import { type Servers, startServers } from './start-servers.ts';
import { parseSettings, startServices } from './start-services.ts';
import { lookAround } from './surroundings.ts';

const defaultTenant = 'default';
/** Any number: the sample is the same for the same seed. */
const sampleSeed = 7;

/** What main.ts has decided and begun. */
export interface Begun {
  options: StandaloneOptions;
  config: StandaloneConfig;
  port: number;
  address: string;
  /** Gives the data directory back. */
  unlock: () => void;
  /** Tells the user what is done now. */
  progress: (text: string) => void;
  logFile: LogFile;
  log: Logger;
  /** Where they had data to open. */
  servers: Servers | undefined;
}

/** Starts the servers that are embedded, sets them up, starts the services and tells the user. Throws StartupError where only the user can help. */
export async function serve(begun: Begun): Promise<void> {
  try {
    await serveAll(begun);
  } catch (error) {
    if (error instanceof PlanyardError && error.code === 'invalid_config')
      throw new StartupError(error.message, { cause: error });
    throw error;
  }
}

async function serveAll(begun: Begun): Promise<void> {
  const { options, config, port, address, progress, logFile, log } = begun;
  const { dataDir } = options;
  // A wrong setting is told before anything new is started; the embedded servers have no addresses yet.
  parseSettings(
    serviceEnv({
      REDIS_URL: config.REDIS_URL ?? 'redis://127.0.0.1',
      DATABASE_URL: config.DATABASE_URL ?? 'postgres://127.0.0.1',
      PORT: String(port),
    }),
  );

  const servers = begun.servers ?? startServers({ config, dataDir, progress, log });
  const surroundings = lookAround(serviceEnv({}), log);
  const started = Promise.all([servers.redis, servers.postgres]);
  // A broken planyard.yaml is told before a new database is there. Where there is one nobody waits: what is found is
  // told below.
  const [redis, postgres] = await Promise.race([started, surroundings.then(() => started)]);
  postgres?.failed.catch((error: unknown) => {
    log.fatal({ err: error }, 'the embedded Postgres died');
    process.exit(1);
  });

  const databaseUrl = config.DATABASE_URL ?? postgres?.url ?? '';
  const store = connectStore({ databaseUrl, poolSize: config.DATABASE_URL ? 10 : 1, log });
  const stopCheckpoints = postgres ? keepWalShort(store.db, log) : async () => {};
  const applied = await migrateDatabase(store.db, config.DATABASE_URL);
  if (applied.length > 0) progress(`database set up: ${applied.join(', ')}`);
  if (options.sample) {
    if ((await inventoryOf(store.db)) === 'empty')
      progress('loading the sample inventory, some seconds (leave it out: --no-sample)');
    await loadSampleInventory(store.db, { tenant: defaultTenant, now: new Date(), seed: sampleSeed });
  }
  const key = await firstKey(store.db, {
    file: join(dataDir, 'api-key'),
    external: config.DATABASE_URL !== undefined,
    now: new Date(),
  });
  const services = await startServices({
    env: serviceEnv({
      REDIS_URL: config.REDIS_URL ?? redis?.url ?? '',
      DATABASE_URL: databaseUrl,
      HOST: config.HOST,
      PORT: String(port),
    }),
    db: store.db,
    logLevel: config.LOG_LEVEL,
    logFile,
    metricsPort: config.METRICS_PORT,
  });

  onShutdown({
    // The gateway takes it, then the workers together; the rest closes at once.
    graceMs: 2 * config.SHUTDOWN_GRACE_MS + 5_000,
    log,
    steps: [
      { name: 'services', run: () => services.close() },
      { name: 'checkpoints', run: stopCheckpoints },
      { name: 'store', run: () => store.close() },
      { name: 'postgres', run: async () => postgres?.close() },
      { name: 'redis', run: async () => redis?.close() },
      { name: 'lock', run: async () => begun.unlock() },
    ],
  });
  process.stdout.write(
    announcement({
      address,
      metrics: `http://127.0.0.1:${services.metricsPort}/metrics`,
      dataDir,
      logFile: logFile.path,
      key,
      redis: redis?.source,
      embeddedPostgres: postgres !== undefined,
      inventory: await inventoryOf(store.db),
      around: await surroundings,
      commandEnv:
        dataDir === resolve('.planyard')
          ? ''
          : `PLANYARD_URL=${address} PLANYARD_API_KEY=$(cat ${key.file}) `,
      seconds: performance.now() / 1000,
    }),
  );
}

async function inventoryOf(db: Executor): Promise<'sample' | 'own' | 'empty'> {
  if ((await inventoryVersion(db, defaultTenant)) === '') return 'empty';
  return (await holdsSample(db, defaultTenant)) ? 'sample' : 'own';
}
