import { connectRedis, type Logger, redactText, StartupError } from '@planyard/runtime';
import { type Executor, migrate } from '@planyard/store';

/** Asks the Redis that REDIS_URL names whether it is there. Throws StartupError; warns where it may evict keys. */
export async function reachRedis(
  url: string,
  deps: { progress: (text: string) => void; log: Logger },
): Promise<void> {
  const redis = connectRedis({ url, role: 'producer', name: 'standalone', log: deps.log });
  try {
    const info = await redis.info('memory');
    const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
    if (policy && policy !== 'noeviction')
      deps.progress(
        `the Redis of REDIS_URL has maxmemory-policy ${policy}: set it to noeviction, or runs may be lost`,
      );
  } catch (error) {
    throw new StartupError(
      `REDIS_URL names a Redis that does not answer (${redactText(url)}${refusal(error)}). Start it, correct REDIS_URL, or leave it out for the embedded one.`,
      { cause: error },
    );
  } finally {
    redis.disconnect();
  }
}

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

/** What Redis said, such as a wrong password; that it said nothing needs no words. */
function refusal(error: unknown): string {
  const message = messageOf(error);
  return message.includes('max retries') ? '' : `: ${message}`;
}

/** An AggregateError, as from a host with several addresses, has its words in its parts. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
