import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StartupError } from '@planyard/runtime';

export interface EmbeddedPostgres {
  url: string;
  /** Rejects when the thread has died: the process cannot go on. */
  failed: Promise<never>;
  close(): Promise<void>;
}

/** The socket's file name as Postgres clients form it from a directory and a port. */
const socketName = '.s.PGSQL.5432';

/** A socket's path holds 103 bytes on macOS, 107 on Linux. */
const maxSocketPath = 103;

/** An empty directory that only this user may enter: beside the data, or where that path is too long a temporary one. */
function makeSocketDir(dataDir: string): string {
  const beside = `${dataDir}-socket`;
  if (Buffer.byteLength(join(beside, socketName)) > maxSocketPath)
    return mkdtempSync(join(tmpdir(), 'planyard-'));
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { mode: 0o700 });
  return beside;
}

/** PGlite's name for a full disk is a number of WASI's. */
const NO_SPACE = 51;

function toldFault(error: unknown, dataDir: string): unknown {
  if ((error as { errno?: unknown } | null)?.errno !== NO_SPACE) return error;
  return new StartupError(
    `The disk that holds ${dataDir} is full. Make room there, or choose another: npm start -- --data DIRECTORY`,
  );
}

/**
 * Runs PGlite with pgvector in a thread of its own, reached by one connection over a Unix socket in a directory of this
 * user's: the server itself asks for no password.
 */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  // Nothing is awaited before the thread runs: the caller holds the event loop up next, for two seconds.
  mkdirSync(dirname(dataDir), { recursive: true, mode: 0o700 });
  const socketDir = makeSocketDir(dataDir);
  const thread = new Worker(new URL('./pglite-thread.ts', import.meta.url), {
    workerData: { dataDir, socketPath: join(socketDir, socketName) },
  });
  let closing = false;
  const failed = new Promise<never>((_resolve, reject) => {
    thread.once('error', (error) => reject(toldFault(error, dataDir)));
    thread.once('exit', (code) => {
      if (!closing) reject(new Error(`the embedded Postgres ended with code ${code}`));
    });
  });
  await Promise.race([once(thread, 'message'), failed]);
  return {
    url: `postgres://postgres@${encodeURIComponent(socketDir)}:5432/postgres`,
    failed,
    close: async () => {
      closing = true;
      const ended = once(thread, 'exit');
      thread.postMessage('close');
      await ended;
      await rm(socketDir, { recursive: true, force: true });
    },
  };
}
