import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lookAgain } from './look-again.ts';

export interface FollowedFiles {
  /** From now on these, as they are now. One that is not there may come. */
  follow(paths: string[]): Promise<void>;
  close(): void;
}

/** Calls `onChange` when a followed file has become another, is there, or is gone. Their directories are watched: editors, and Kubernetes by its links, put another file in a file's place. */
export function followFiles(onChange: () => void): FollowedFiles {
  /** What each file held when it was looked at last; null: it was not there. */
  let texts = new Map<string, string | null>();
  const watchers = new Map<string, FSWatcher>();
  const missed = new Set<string>();
  let closed = false;

  async function look(): Promise<void> {
    let changed = false;
    for (const [path, last] of [...texts]) {
      const now = await read(path);
      if (closed || !texts.has(path)) continue;
      // A file that is gone for a moment is being replaced.
      if (now === null && last !== null && !missed.has(path)) {
        missed.add(path);
        looking.soon();
        continue;
      }
      missed.delete(path);
      if (now === last) continue;
      texts.set(path, now);
      changed = true;
    }
    if (changed) onChange();
  }
  const looking = lookAgain(look);

  function watchOnly(dirs: Set<string>): void {
    for (const [dir, watcher] of watchers)
      if (!dirs.has(dir)) {
        watcher.close();
        watchers.delete(dir);
      }
    for (const dir of dirs) if (!watchers.has(dir)) watchDir(dir);
  }

  function watchDir(dir: string): void {
    try {
      const watcher = watch(dir, { persistent: false }, looking.soon);
      watcher.on('error', () => watcher.close());
      watchers.set(dir, watcher);
    } catch {
      // There is no such directory yet: it is looked for now and then.
    }
  }

  return {
    async follow(paths) {
      watchOnly(new Set(paths.map((path) => dirname(path))));
      const before = texts;
      const entries = await Promise.all(
        paths.map(async (path) => [path, before.has(path) ? before.get(path) : await read(path)] as const),
      );
      texts = new Map(entries.map(([path, text]) => [path, text ?? null]));
    },
    close() {
      closed = true;
      looking.close();
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

function read(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
