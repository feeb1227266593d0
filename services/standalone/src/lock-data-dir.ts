import { existsSync } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartupError } from '@planyard/runtime';

/** SQLITE_BUSY: another process holds the file's lock. */
const busy = 5;

/** What a second start, and the CLI, can read of the process that holds the directory. */
interface Holder {
  pid: number;
  address: string;
}

async function holderOf(file: string): Promise<string> {
  try {
    const { pid, address } = JSON.parse(await readFile(file, 'utf8')) as Holder;
    return ` (process ${pid}, ${address})`;
  } catch {
    return '';
  }
}

/** Node's own recursive mkdir never ends where a directory says that it is not there to what is made in it, as /proc does. */
async function makeDirectory(path: string): Promise<void> {
  if (existsSync(path)) return;
  if (!existsSync(dirname(path))) await makeDirectory(dirname(path));
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/**
 * Takes the data directory for this process: two on one directory would silently lose commits. The lock is SQLite's,
 * held on an empty file, because the operating system releases it however the process dies.
 * Throws StartupError when another process holds it, or it cannot be written to. Returns the release.
 */
export async function lockDataDir(dataDir: string, address: string): Promise<() => void> {
  const holderFile = join(dataDir, 'running.json');
  const cannot = (what: string) => (error: unknown) => {
    throw new StartupError(
      `The data directory ${dataDir} cannot be ${what}: ${(error as Error).message}. Choose another: npm start -- --data DIRECTORY`,
    );
  };
  await makeDirectory(dataDir).catch(cannot('made'));
  // What SQLite says of a file that it cannot open names no cause.
  const lockFile = join(dataDir, 'lock');
  await open(lockFile, 'a').then((file) => file.close(), cannot('written to'));
  const lock = new DatabaseSync(lockFile);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== busy) throw error;
    throw new StartupError(
      `Planyard is already running on ${dataDir}${await holderOf(holderFile)}. Stop it, or start this one with another: npm start -- --data DIRECTORY --port PORT`,
    );
  }
  await writeFile(holderFile, `${JSON.stringify({ pid: process.pid, address } satisfies Holder)}\n`).catch(
    cannot('written to'),
  );
  return () => lock.close();
}
