import type { Executor } from './database.ts';

/** Runs `work` in the caller's transaction, or in one of its own: nested ones would hang on PGlite's single connection. */
export function inTransaction<T>(db: Executor, work: (tx: Executor) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
