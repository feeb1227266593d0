import { sql } from 'kysely';
import type { Executor } from '../database.ts';
import { storableText } from '../storable.ts';

/** Which of these codes are items of the tenant's own inventory. The sample's do not count: the first load removes them. */
export async function loadedCodes(db: Executor, tenant: string, codes: string[]): Promise<Set<string>> {
  const given = new Map(codes.map((code) => [storableText(code), code]));
  const { rows } = await sql<{ code: string }>`
    select i.code from items i join data_sources d on d.tenant = i.tenant and d.name = i.source
    where i.tenant = ${tenant} and not d.sample and i.code = any(${[...given.keys()]}::text[])`.execute(db);
  return new Set(rows.map(({ code }) => given.get(code) ?? code));
}
