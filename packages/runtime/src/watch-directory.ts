import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { lookAgain } from './look-again.ts';

export interface DirectoryFile {
  /** From the directory on. */
  path: string;
  text: string;
}

export interface WatchedDirectory {
  /** As they were when it was opened, by path. */
  files: DirectoryFile[];
  close(): void;
}

const YAML = /\.ya?ml$/;

/** Reads the YAML files under a directory and calls `onChange` with all of them when one is added, changed or removed, `onError` when they cannot be read. Throws when they cannot be read at first. */
export async function watchDirectory(
  dir: string,
  tell: { onChange(files: DirectoryFile[]): void; onError(error: unknown): void },
): Promise<WatchedDirectory> {
  const files = await readAll(dir);
  let last = JSON.stringify(files);
  let closed = false;

  async function look(): Promise<void> {
    try {
      const now = await readAll(dir);
      const state = JSON.stringify(now);
      if (closed || state === last) return;
      last = state;
      tell.onChange(now);
    } catch (error) {
      // Readable again, it is told even when nothing else has changed.
      last = '';
      if (!closed) tell.onError(error);
    }
  }
  const looking = lookAgain(look);
  // On Linux Node makes the recursive one itself, from watchers of each file: it may miss a link that is replaced.
  const watchers = [true, false].map((recursive) =>
    watch(dir, { persistent: false, recursive }, looking.soon),
  );
  for (const watcher of watchers) watcher.on('error', () => watcher.close());
  return {
    files,
    close() {
      closed = true;
      looking.close();
      for (const watcher of watchers) watcher.close();
    },
  };
}

async function readAll(dir: string): Promise<DirectoryFile[]> {
  const paths = (await readdir(dir, { recursive: true })).filter((path) => YAML.test(path));
  // Kubernetes mounts each file twice: as a link, and in a hidden directory that the link leads to.
  const seen = paths.filter((path) => !path.split(sep).some((part) => part.startsWith('.'))).sort();
  const files = await Promise.all(seen.map((path) => readOne(dir, path)));
  return files.filter((file) => file !== null);
}

/** null for a file that was removed since its name was read. */
async function readOne(dir: string, path: string): Promise<DirectoryFile | null> {
  try {
    return { path, text: await readFile(join(dir, path), 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
