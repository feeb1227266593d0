import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const SETTLE_MS = 150;
/** Some file systems tell of no change: it is looked for as well. */
const LOOK_EVERY_MS = 15_000;

/** Calls `onChange` with a file's text when it has become another, null when it is gone; ends when the returned function is called. The directory is watched: editors and Kubernetes put another file in its place. */
export function watchFile(
  path: string,
  text: string | null,
  onChange: (text: string | null) => void,
): () => void {
  let last = text;
  let missed = false;
  let timer: NodeJS.Timeout | undefined;
  async function look() {
    const now = await readFile(path, 'utf8').catch(() => null);
    if (now === last) {
      missed = false;
      return;
    }
    // A file that is gone for a moment is being replaced.
    if (now === null && !missed) {
      missed = true;
      soon();
      return;
    }
    missed = false;
    last = now;
    onChange(now);
  }
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLE_MS).unref();
  };
  const watcher = watch(dirname(path), { persistent: false }, soon);
  watcher.on('error', () => watcher.close());
  const again = setInterval(look, LOOK_EVERY_MS).unref();
  return () => {
    clearTimeout(timer);
    clearInterval(again);
    watcher.close();
  };
}
