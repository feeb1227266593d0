import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, type GuardedChild, spawnGuarded } from '@planyard/runtime';
import { postgresTree } from './postgres-tree.ts';

const run = promisify(execFile);

export interface TestPostgres {
  /** The URL of a superuser's database; tests create databases of their own beside it. */
  url: string;
  origin: 'DATABASE_URL' | 'Docker' | 'Debian packages';
  close(): Promise<void>;
  /** Ends the server as a crash would and starts it again; null where this process may not. */
  crash: (() => Promise<void>) | null;
}

async function startInDocker(): Promise<TestPostgres> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer('pgvector/pgvector:pg17')
    .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust' })
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'])
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  return {
    url: `postgres://postgres@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    origin: 'Docker',
    crash: null,
    close: async () => {
      await container.stop();
    },
  };
}

/** Runs a new cluster from the tree in a chroot, as its user postgres: the server refuses to run as root. */
async function startInTree(tree: string): Promise<TestPostgres> {
  const data = await mkdtemp(join(tree, 'tmp/cluster-'));
  const inside = join('/tmp', basename(data));
  const asPostgres = ['/usr/sbin/chroot', '--userspec=postgres:postgres', tree, 'env', 'LC_ALL=C.UTF-8'];
  const bin = '/usr/lib/postgresql/17/bin';
  await run('/usr/sbin/chroot', [tree, 'chown', 'postgres:postgres', inside]);
  const [first = '', ...rest] = asPostgres;
  await run(first, [...rest, `${bin}/initdb`, '-D', inside, '-A', 'trust', '-U', 'postgres', '--no-sync']);

  const port = await freePort();
  // Nothing of /dev/shm is there to share in the chroot; the data are thrown away, so durability costs nothing.
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=200',
    'dynamic_shared_memory_type=mmap',
    'fsync=off',
  ].flatMap((setting) => ['-c', setting]);
  const start = () => startServer([...asPostgres, `${bin}/postgres`, '-D', inside, ...settings]);
  let server = await start().catch(async (error) => {
    await rm(data, { recursive: true, force: true });
    throw error;
  });
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    origin: 'Debian packages',
    close: async () => {
      await server.close();
      await rm(data, { recursive: true, force: true });
    },
    crash: async () => {
      const pid = Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8'), 10);
      await server.kill();
      await untilGone(pid);
      server = await start();
    },
  };
}

/** A killed process exists until the system has reaped it, and the server refuses to start beside it. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await wait(10);
  }
}

/** Resolves when the server takes connections; rejects with the end of its log when it ends instead. */
async function startServer(command: string[]): Promise<GuardedChild> {
  const server = spawnGuarded(command, 'INT');
  const ready = new Promise<void>((resolve, reject) => {
    let log = '';
    server.process.stderr?.on('data', (chunk: Buffer) => {
      log = `${log}${chunk}`.slice(-4_000);
      if (log.includes('ready to accept connections')) resolve();
    });
    void server.exited.then(() => reject(new Error(`postgres ended: ${log}`)));
  });
  try {
    await ready;
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

/** The reason where Docker gives none: no engine, or images that are not here and cannot be pulled. */
async function tryDocker(): Promise<TestPostgres | string> {
  try {
    await run('docker', ['info'], { timeout: 10_000 });
  } catch {
    return 'no Docker engine';
  }
  return await startInDocker().catch((error: Error) => `Docker starts none (${error.message.trim()})`);
}

/**
 * A real Postgres 17 with pgvector: the one DATABASE_URL names, else a container, else one from Debian packages.
 * Rejects with the reasons when none can be had on this machine.
 */
export async function startPostgres(options: {
  databaseUrl: string | undefined;
  cacheDir: string;
  progress: (text: string) => void;
}): Promise<TestPostgres> {
  if (options.databaseUrl)
    return { url: options.databaseUrl, origin: 'DATABASE_URL', close: async () => {}, crash: null };
  const inDocker = await tryDocker();
  if (typeof inDocker !== 'string') return inDocker;
  const tree = await postgresTree(options.cacheDir, options.progress).catch((error: Error) => {
    throw new Error(`no DATABASE_URL, ${inDocker}, and ${error.message}`);
  });
  return await startInTree(tree);
}
