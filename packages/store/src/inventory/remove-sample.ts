import { sql } from 'kysely';
import type { Executor } from '../database.ts';

/** Removes a tenant's sample inventory. Metrics are forgotten with it: the sample is only ever loaded into an empty inventory, so all of them are its own. */
export async function removeSample(tx: Executor, tenant: string): Promise<boolean> {
  const { rows: sources } = await sql<{ name: string }>`
    select name from data_sources where tenant = ${tenant} and sample for update`.execute(tx);
  if (sources.length === 0) return false;
  const names = sources.map((source) => source.name);
  await sql`
    delete from metric_samples using items
    where items.tenant = ${tenant} and items.source = any(${names}::text[])
      and metric_samples.tenant = items.tenant and metric_samples.item_id = items.id`.execute(tx);
  await sql`delete from metrics where tenant = ${tenant}`.execute(tx);
  await sql`delete from items where tenant = ${tenant} and source = any(${names}::text[])`.execute(tx);
  await sql`delete from data_sources where tenant = ${tenant} and name = any(${names}::text[])`.execute(tx);
  return true;
}
