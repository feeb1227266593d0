import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

const REDIS_IMAGE = 'redis:7-alpine';
/** Where a container finds the directory of its server. */
export const DIR_IN_CONTAINER = '/data';
/** Of one image over a slow line. */
const PULL_MS = 300_000;

export type DockerImage = { found: true; image: string } | { found: false; why: string };

/** Whether a Docker engine runs here and has the image, or can get it. */
export async function findDockerImage(progress: (text: string) => void): Promise<DockerImage> {
  try {
    await run('docker', ['info'], { timeout: 10_000 });
  } catch {
    return { found: false, why: 'no Docker engine answers' };
  }
  const here = await run('docker', ['image', 'inspect', REDIS_IMAGE]).then(
    () => true,
    () => false,
  );
  if (here) return { found: true, image: REDIS_IMAGE };
  progress(`no redis-server on this machine: pulling ${REDIS_IMAGE}`);
  try {
    await run('docker', ['pull', REDIS_IMAGE], { timeout: PULL_MS });
    return { found: true, image: REDIS_IMAGE };
  } catch (error) {
    const stderr = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
    return { found: false, why: `Docker cannot pull ${REDIS_IMAGE}: ${stderr || 'it took too long'}` };
  }
}

/** The container of a directory has one name, so that one that was left behind can be found. */
function containerName(dir: string): string {
  return `planyard-redis-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`;
}

export function dockerCommand(options: { image: string; dir: string; port: number }): string[] {
  const { image, dir, port } = options;
  return [
    'docker',
    'run',
    '--rm',
    '--name',
    containerName(dir),
    '--user',
    `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
    '-v',
    `${dir}:${DIR_IN_CONTAINER}`,
    '-p',
    `127.0.0.1:${port}:${port}`,
    image,
    'redis-server',
    `${DIR_IN_CONTAINER}/redis.conf`,
  ];
}

/** SIGKILL to the server, as a crash would end it; its client ends with it. */
export async function killContainer(dir: string): Promise<void> {
  await run('docker', ['kill', containerName(dir)]);
}

/** A container outlives a client that was killed: it is ended as a server is, so that what it holds is on disk. */
export async function endLeftoverContainer(dir: string): Promise<void> {
  const name = containerName(dir);
  // Both fail where there is no such container, which is as it should be.
  await run('docker', ['stop', name]).catch(() => {});
  await run('docker', ['rm', '--force', name]).catch(() => {});
}
