import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Options that keep apt's lists and cache in a directory of our own, for machines whose lists are empty. */
function privateAptOptions(dir: string): string[] {
  return ['-o', `Dir::State::Lists=${dir}/lists`, '-o', `Dir::Cache=${dir}/cache`];
}

/** The packages that installing `name` would add to this machine, as apt computes them. */
async function missingPackages(name: string, aptOptions: string[]): Promise<string[]> {
  const simulate = ['-s', '-o', 'Debug::NoLocking=1', 'install', '--no-install-recommends', name];
  const { stdout } = await run('apt-get', [...aptOptions, ...simulate]);
  return [...stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
}

/**
 * Downloads a Debian or Ubuntu package with the dependencies this machine lacks and unpacks them into `dir`,
 * without root and without installing anything. Rejects when apt cannot provide it.
 */
export async function unpackDebianPackage(name: string, dir: string): Promise<void> {
  await mkdir(dirname(dir), { recursive: true });
  const work = await mkdtemp(`${dir}-building-`);
  try {
    // As root apt would download as the user _apt, who cannot write here.
    let aptOptions = ['-o', 'APT::Sandbox::User=root'];
    let packages: string[];
    try {
      packages = await missingPackages(name, aptOptions);
    } catch {
      await mkdir(join(work, 'lists/partial'), { recursive: true });
      await mkdir(join(work, 'cache/archives/partial'), { recursive: true });
      aptOptions = [...aptOptions, ...privateAptOptions(work)];
      await run('apt-get', [...aptOptions, 'update']);
      packages = await missingPackages(name, aptOptions);
    }
    await run('apt-get', [...aptOptions, 'download', ...packages], { cwd: work });
    const tree = join(work, 'tree');
    for (const file of (await readdir(work)).filter((entry) => entry.endsWith('.deb')))
      await run('dpkg', ['-x', join(work, file), tree]);
    await rm(dir, { recursive: true, force: true });
    await rename(tree, dir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The directories of an unpacked tree that hold shared libraries, as LD_LIBRARY_PATH wants them. */
export async function libraryPathOf(tree: string): Promise<string> {
  const found: string[] = [];
  for (const parent of ['usr/lib', 'lib']) {
    const entries = await readdir(join(tree, parent)).catch(() => []);
    found.push(
      ...entries.filter((entry) => entry.includes('-linux-')).map((entry) => join(tree, parent, entry)),
    );
  }
  return found.join(':');
}
