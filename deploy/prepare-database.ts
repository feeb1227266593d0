import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@planyard/runtime';
import { firstKey, migrateDatabase } from '@planyard/standalone';
import { connectStore } from '@planyard/store';

/**
 * Brings the schema up to date and, in a database without any key, makes the administrator's and keeps it in
 * `keyFile`. Returns what was done, a line each. Throws StartupError where the database cannot be set up.
 */
export async function prepareDatabase(deps: {
  databaseUrl: string;
  keyFile: string;
  now: Date;
  log: Logger;
}): Promise<string[]> {
  const store = connectStore({ databaseUrl: deps.databaseUrl, poolSize: 1, log: deps.log });
  try {
    const applied = await migrateDatabase(store.db, deps.databaseUrl);
    await mkdir(dirname(deps.keyFile), { recursive: true, mode: 0o700 });
    const key = await firstKey(store.db, { file: deps.keyFile, external: true, now: deps.now });
    return [
      ...(applied.length > 0 ? [`migrated: ${applied.join(', ')}`] : []),
      ...(key.made ? [`API key ${key.key} (also in ${key.file})`] : []),
    ];
  } finally {
    await store.close();
  }
}
