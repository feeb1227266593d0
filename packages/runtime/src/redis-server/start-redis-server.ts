import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../free-port.ts';
import { spawnGuarded } from '../guarded-child.ts';
import { DIR_IN_CONTAINER, dockerCommand, endLeftoverContainer, killContainer } from './docker-redis.ts';
import type { RedisServerSource } from './redis-server-source.ts';

export interface RedisServer {
  /** redis://:password@127.0.0.1:port */
  url: string;
  port: number;
  /** Settles when the server process has ended, wanted or not. */
  exited: Promise<void>;
  /** Ends the server; what it acknowledged is in the append-only file. */
  close(): Promise<void>;
  /** Ends it as a crash would; start it again on the same directory and port. */
  kill(): Promise<void>;
}

export interface RedisServerOptions {
  source: RedisServerSource;
  /** Data, configuration and log of this server; created with mode 0700. */
  dir: string;
  password: string;
  /** A free port is taken when absent. */
  port?: number;
  /** Further lines of redis.conf, such as `cluster-enabled yes`. */
  settings?: string[];
  /** Milliseconds until it must answer, reading its append-only file included. */
  readyWithinMs?: number;
}

function configFile(options: RedisServerOptions, port: number): string {
  const inDocker = options.source.kind === 'docker';
  return [
    `bind ${inDocker ? '0.0.0.0' : '127.0.0.1'}`,
    `port ${port}`,
    `requirepass ${options.password}`,
    `dir "${inDocker ? DIR_IN_CONTAINER : options.dir}"`,
    ...(inDocker
      ? []
      : [`pidfile "${join(options.dir, 'redis.pid')}"`, `logfile "${join(options.dir, 'redis.log')}"`]),
    'daemonize no',
    'appendonly yes',
    // The append-only file holds everything: no snapshots beside it.
    'save ""',
    'maxmemory-policy noeviction',
    'hz 100',
    ...(options.settings ?? []),
    '',
  ].join('\n');
}

function commandLine(options: RedisServerOptions, port: number): string[] {
  const { source, dir } = options;
  if (source.kind === 'docker') return dockerCommand({ image: source.image, dir, port });
  const environment = source.libraryPath ? ['env', `LD_LIBRARY_PATH=${source.libraryPath}`] : [];
  return [...environment, source.command, join(dir, 'redis.conf')];
}

/** Whether a redis-server that an earlier process left behind still uses this directory. */
async function leftoverPid(dir: string): Promise<number | undefined> {
  const pid = Number(await readFile(join(dir, 'redis.pid'), 'utf8').catch(() => ''));
  if (!pid) return undefined;
  const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => undefined);
  if (command !== undefined) return command.includes('redis') ? pid : undefined;
  if (process.platform === 'linux') return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

/** Two servers on one append-only file corrupt it: one that is still ending is awaited. */
async function awaitLeftover(dir: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const pid = await leftoverPid(dir);
    if (!pid) return;
    if (Date.now() > deadline)
      throw new Error(`A redis-server (process ${pid}) still uses ${dir}. End it: kill ${pid}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function awaitReady(url: string, child: ChildProcess, withinMs: number): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => 25, maxRetriesPerRequest: null, lazyConnect: true });
  client.on('error', () => {});
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`redis-server is not ready after ${withinMs} ms`)),
        withinMs,
      );
      child.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}`)));
      child.once('error', reject);
      client.once('ready', () => {
        clearTimeout(timer);
        resolve();
      });
      // Fails at first; the retry strategy goes on.
      client.connect().catch(() => {});
    });
  } finally {
    client.disconnect();
  }
}

/** Starts a durable server (append-only, noeviction, hz 100) on loopback and resolves when it takes commands. */
export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  if (options.source.kind === 'docker') await endLeftoverContainer(options.dir);
  else await awaitLeftover(options.dir);
  const port = options.port ?? (await freePort());
  await writeFile(join(options.dir, 'redis.conf'), configFile(options, port), { mode: 0o600 });

  const child = spawnGuarded(commandLine(options, port), 'TERM');
  let complaint = '';
  child.process.stderr?.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-2_000);
  });

  const url = `redis://:${encodeURIComponent(options.password)}@127.0.0.1:${port}`;
  try {
    await awaitReady(url, child.process, options.readyWithinMs ?? 60_000);
  } catch (error) {
    await child.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}. ${complaint.trim() || `See ${join(options.dir, 'redis.log')}`}`, {
      cause: error,
    });
  }
  const kill = async () => {
    if (options.source.kind !== 'docker') return child.kill();
    await killContainer(options.dir);
    await child.exited;
  };
  return { url, port, exited: child.exited, close: child.close, kill };
}
