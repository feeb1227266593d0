import { redactText, StartupError } from '@planyard/runtime';
import { type Executor, migrate } from '@planyard/store';
import { messageOf } from './reach-redis.ts';

/** Migrates; on a database that DATABASE_URL names, a failure is the user's to mend. Returns what was applied. */
export async function migrateDatabase(db: Executor, externalUrl: string | undefined): Promise<string[]> {
  try {
    return await migrate(db);
  } catch (error) {
    if (!externalUrl) throw error;
    throw new StartupError(
      `The database of DATABASE_URL cannot be set up (${redactText(externalUrl)}: ${messageOf(error)}). It must be a Postgres 17, and its user must own the database.`,
      { cause: error },
    );
  }
}
