import { sql } from 'kysely';
import type { Executor } from '../database.ts';
import { storableText } from '../storable.ts';

/** Of these codes, those that entities of Backstage catalogs have, and their kinds. */
export async function backstageKinds(
  db: Executor,
  tenant: string,
  codes: string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ code: string; kind: string }>`
    select code, attributes ->> 'backstage_kind' as kind from items
    where tenant = ${tenant} and attributes ? 'backstage_kind'
      and code = any(${codes.map(storableText)}::text[])`.execute(db);
  return new Map(rows.map(({ code, kind }) => [code, kind]));
}

/**
 * Removes the entities of Backstage catalogs that none of these codes names, with their relations, samples and events, and
 * the relations that begin at those that one does: these are loaded anew. Returns how many items went.
 */
export async function replaceCatalog(tx: Executor, tenant: string, codes: string[]): Promise<number> {
  const kept = codes.map(storableText);
  await sql`
    delete from relations using items
    where items.tenant = ${tenant} and items.code = any(${kept}::text[])
      and relations.tenant = items.tenant and relations.from_id = items.id`.execute(tx);
  await sql`
    delete from metric_samples using items
    where items.tenant = ${tenant} and items.attributes ? 'backstage_kind' and not items.code = any(${kept}::text[])
      and metric_samples.tenant = items.tenant and metric_samples.item_id = items.id`.execute(tx);
  const { numAffectedRows } = await sql`
    delete from items
    where tenant = ${tenant} and attributes ? 'backstage_kind' and not code = any(${kept}::text[])`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0n);
}
