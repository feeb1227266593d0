import type { Logger } from '@planyard/runtime';
import type { Executor } from '@planyard/store';
import { sql } from 'kysely';

const EVERY_MS = 5_000;
const AFTER_BYTES = 128 * 1024 * 1024;

/**
 * Writes a checkpoint once so many bytes of write-ahead log have come since the last one; true when it did. PGlite has
 * no process that does it: its log would grow until the next clean stop, and be read whole after a crash.
 */
export async function checkpointWhenDue(db: Executor, afterBytes = AFTER_BYTES): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > ${afterBytes} as due
    from pg_control_checkpoint()`.execute(db);
  if (!rows[0]?.due) return false;
  await sql`checkpoint`.execute(db);
  return true;
}

/** Looks after the embedded database until the returned function is called, which waits for what is under way. */
export function keepWalShort(db: Executor, log: Logger): () => Promise<void> {
  let looking = Promise.resolve();
  let idle = true;
  const timer = setInterval(() => {
    if (!idle) return;
    idle = false;
    looking = checkpointWhenDue(db)
      .then(() => {})
      .catch((error) => log.warn({ err: error }, 'no checkpoint of the embedded database'))
      .finally(() => {
        idle = true;
      });
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
