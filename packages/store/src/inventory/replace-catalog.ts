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
  const { rows: lost } = await sql<{ metric: string }>`
    with gone as (
      delete from metric_samples using items
      where items.tenant = ${tenant} and items.attributes ? 'backstage_kind' and not items.code = any(${kept}::text[])
        and metric_samples.tenant = items.tenant and metric_samples.item_id = items.id
      returning metric_samples.metric
    ) select distinct metric from gone`.execute(tx);
  if (lost.length > 0) await noteLost(tx, tenant, lost);
  const { numAffectedRows } = await sql`
    delete from items
    where tenant = ${tenant} and attributes ? 'backstage_kind' and not code = any(${kept}::text[])`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0n);
}

/** Of metrics that lost samples the times are told anew, as named ranges count back from them; those without any are forgotten. */
async function noteLost(tx: Executor, tenant: string, lost: { metric: string }[]): Promise<void> {
  const names = lost.map(({ metric }) => metric);
  await sql`
    with left_over as (
      select metric, min(at) as first_at, max(at) as last_at from metric_samples
      where tenant = ${tenant} and metric = any(${names}::text[]) group by metric
    ), noted as (
      update metrics set first_at = left_over.first_at, last_at = left_over.last_at from left_over
      where metrics.tenant = ${tenant} and metrics.name = left_over.metric
    )
    delete from metrics where tenant = ${tenant} and name = any(${names}::text[])
      and not name in (select metric from left_over)`.execute(tx);
}
