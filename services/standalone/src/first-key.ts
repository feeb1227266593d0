import { chmod, readFile, writeFile } from 'node:fs/promises';
import { Scope } from '@planyard/contracts';
import { createKey, type Executor, hasKeys, verifyKey } from '@planyard/store';

export interface FirstKey {
  /** Undefined where the database has keys of its own and none is kept here. */
  key?: string;
  file: string;
  made: boolean;
}

/**
 * The administrator's key that the CLI and the newcomer use, kept in `file` for this user only. It is made when there
 * is none that works: always on an embedded database, whose owner is who starts it, but on an external one only
 * while that has no key at all.
 */
export async function firstKey(
  db: Executor,
  options: { file: string; external: boolean; now: Date },
): Promise<FirstKey> {
  const { file, external, now } = options;
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept && (await verifyKey(db, kept, now))) return { key: kept, file, made: false };
  if (external && (await hasKeys(db))) return { file, made: false };

  const request = {
    name: 'made at first start',
    tenant: 'default',
    user: 'admin',
    scopes: [...Scope.options],
  };
  const { key } = await createKey(db, request, { now });
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  // The mode above only counts for a new file.
  await chmod(file, 0o600);
  return { key, file, made: true };
}
