import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemEnv } from './env.ts';

const run = promisify(execFile);

const suite = 'trixie';
const package_ = 'postgresql-17-pgvector';

async function has(command: string): Promise<boolean> {
  return await run('sh', ['-c', `command -v ${command}`]).then(
    () => true,
    () => false,
  );
}

const isRoot = process.getuid?.() === 0;

/**
 * The directory of a small Debian system that holds Postgres 17 with pgvector, built once (about 20 s) and kept in
 * `cacheDir`. Rejects with the reason when it cannot be had on this machine.
 */
export async function postgresTree(cacheDir: string, progress: (text: string) => void): Promise<string> {
  const tree = join(cacheDir, `postgres-17-${suite}-${process.arch}`);
  const built = await access(join(tree, 'usr/lib/postgresql/17/bin/postgres')).then(
    () => true,
    () => false,
  );
  if (built) return tree;

  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID=debian$/m.test(release)) throw new Error('Debian packages are only used on Debian');
  if (!isRoot) throw new Error('building it from Debian packages needs root');
  if (!(await has('mmdebstrap'))) {
    progress('installing mmdebstrap');
    const install = 'apt-get install -y --no-install-recommends mmdebstrap';
    await run('sh', ['-c', `${install} || { apt-get update && ${install}; }`], { env: systemEnv() });
  }
  progress('building Postgres 17 with pgvector from Debian packages, once (about 20 s)');
  await mkdir(cacheDir, { recursive: true });
  const building = await mkdtemp(`${tree}-building-`);
  try {
    await run(
      'mmdebstrap',
      ['--mode=root', '--variant=essential', `--include=${package_}`, suite, building],
      {
        maxBuffer: 64 * 1024 * 1024,
        env: systemEnv(),
      },
    );
    await chmod(building, 0o755);
    // Another test run may have been faster.
    await rename(building, tree).catch(() => {});
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return tree;
}
