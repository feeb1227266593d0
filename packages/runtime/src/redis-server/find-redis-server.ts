import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { libraryPathOf, unpackDebianPackage } from './debian-packages.ts';
import { findDockerImage } from './docker-redis.ts';
import { RedisServerMissing, type RedisServerSource } from './redis-server-source.ts';

const run = promisify(execFile);

/** BullMQ refuses anything older. */
const oldestMajor = 6;

async function versionOf(command: string, libraryPath?: string): Promise<string | undefined> {
  try {
    const { stdout } = libraryPath
      ? await run('env', [`LD_LIBRARY_PATH=${libraryPath}`, command, '--version'])
      : await run(command, ['--version']);
    const version = /v=(\S+)/.exec(stdout)?.[1];
    return version && Number.parseInt(version, 10) >= oldestMajor ? version : undefined;
  } catch {
    return undefined;
  }
}

async function osRelease(): Promise<Record<string, string>> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return Object.fromEntries(
    [...text.matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, key, value]) => [key, value]),
  );
}

async function fromUnpackedPackages(
  cacheDir: string,
  progress: (text: string) => void,
): Promise<RedisServerSource | undefined> {
  const os = await osRelease();
  const tree = join(cacheDir, `redis-server-${os.ID}-${os.VERSION_ID ?? 'rolling'}-${process.arch}`);
  const command = join(tree, 'usr/bin/redis-server');
  const look = async (): Promise<RedisServerSource | undefined> => {
    const libraryPath = await libraryPathOf(tree);
    const version = await versionOf(command, libraryPath);
    return version
      ? { kind: 'binary', command, libraryPath, origin: 'unpacked packages', version }
      : undefined;
  };
  const cached = await look();
  if (cached) return cached;
  try {
    await access('/usr/bin/apt-get');
    progress('no redis-server on PATH: unpacking the system package (without installing it)');
    await unpackDebianPackage('redis-server', tree);
  } catch {
    return undefined;
  }
  return look();
}

async function howToInstall(): Promise<string> {
  if (process.platform === 'darwin') return 'brew install redis';
  if (process.platform === 'win32') return 'wsl --install (and run Planyard inside WSL)';
  const os = await osRelease();
  const family = `${os.ID ?? ''} ${os.ID_LIKE ?? ''}`;
  if (/debian|ubuntu/.test(family)) return 'sudo apt-get install redis-server';
  if (/fedora|rhel|centos|amzn/.test(family)) return 'sudo dnf install redis';
  if (/alpine/.test(family)) return 'sudo apk add redis';
  if (/arch/.test(family)) return 'sudo pacman -S redis';
  if (/suse/.test(family)) return 'sudo zypper install redis';
  return 'install redis-server with your package manager';
}

/**
 * Finds a redis-server: on PATH, else on Debian and Ubuntu unpacked from packages into `cacheDir` without root,
 * else by Docker. `progress` hears of what takes over a second. Throws RedisServerMissing.
 */
export async function findRedisServer(deps: {
  cacheDir: string;
  progress: (text: string) => void;
}): Promise<RedisServerSource> {
  const version = await versionOf('redis-server');
  if (version) return { kind: 'binary', command: 'redis-server', origin: 'PATH', version };
  const unpacked = await fromUnpackedPackages(deps.cacheDir, deps.progress);
  if (unpacked) return unpacked;
  const docker = await findDockerImage(deps.progress);
  if (docker.found) return { kind: 'docker', image: docker.image };
  throw new RedisServerMissing(
    `No redis-server was found: not on PATH, not as a system package, and ${docker.why}. Install it: ${await howToInstall()} — or set REDIS_URL to a Redis you have.`,
  );
}
