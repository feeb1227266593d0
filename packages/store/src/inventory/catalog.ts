import type { InventoryCatalog } from '@planyard/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database.ts';

/** Items whose names the planner can find in a question; a larger inventory is searched by `ci.search`. */
const ITEMS_SHOWN = 2000;
/** Items of each type that are looked at for which metrics they have. */
const ITEMS_PROBED = 50;
/** Sample values of a filterable field. */
const VALUES_SHOWN = 20;

/** The one data source of a tenant that the ops tools read. */
export const INVENTORY_SOURCE = 'inventory';

/** What the planner should know of a tenant's inventory; null while it is empty. */
export async function catalog(db: Executor, tenant: string): Promise<InventoryCatalog | null> {
  const types = await sql<{ name: string; count: number }>`
    select type as name, count(*)::int as count from items where tenant = ${tenant}
    group by type order by count(*) desc, type`.execute(db);
  const count = types.rows.reduce((sum, type) => sum + type.count, 0);
  if (count === 0) return null;
  const items = await sql<InventoryCatalog['items'][number]>`
    select id, code, name, type from items where tenant = ${tenant}
    order by code limit ${ITEMS_SHOWN}`.execute(db);
  const relations = await sql<{ relation: string }>`
    select distinct relation from relations where tenant = ${tenant} order by relation`.execute(db);
  const metrics = await sql<{ name: string; unit: string; types: string[]; first_at: Date; last_at: Date }>`
    with probed as (
      select id, type from (
        select id, type, row_number() over (partition by type order by code) as place
        from items where tenant = ${tenant}
      ) as i where place <= ${ITEMS_PROBED}
    )
    select name, unit, first_at, last_at, array(
      select distinct type from probed where exists (
        select from metric_samples s where s.tenant = m.tenant and s.item_id = probed.id and s.metric = m.name
      ) order by type
    ) as types
    from metrics m where tenant = ${tenant} order by name`.execute(db);
  const events = await sql<{ type: string; first_at: Date; last_at: Date }>`
    select type, min(at) as first_at, max(at) as last_at from item_events where tenant = ${tenant}
    group by type order by type`.execute(db);
  return {
    kind: 'inventory',
    source: INVENTORY_SOURCE,
    sample: await holdsSample(db, tenant),
    items: items.rows,
    item_count: count,
    types: types.rows,
    relation_types: relations.rows.map((row) => row.relation),
    metrics: metrics.rows.map(({ name, unit, types }) => ({ name, unit, types })),
    event_types: events.rows.map((row) => row.type),
    attributes: await filterableFields(db, tenant),
    time_range: spanOf([...metrics.rows, ...events.rows]),
  };
}

/** Tenants that have an inventory, each with a text that changes when it does. */
export async function inventoryVersions(
  db: Executor,
  tenant?: string,
): Promise<{ tenant: string; version: string }[]> {
  const { rows } = await sql<{ tenant: string; version: string }>`
    select tenant,
      string_agg(name || '@' || version || '@' || extract(epoch from loaded_at), ',' order by name) as version
    from data_sources ${tenant === undefined ? sql`` : sql`where tenant = ${tenant}`}
    group by tenant order by tenant`.execute(db);
  return rows;
}

/** A text that changes when the tenant's inventory does. */
export async function inventoryVersion(db: Executor, tenant: string): Promise<string> {
  const versions = await inventoryVersions(db, tenant);
  return versions[0]?.version ?? '';
}

/** Whether a tenant's inventory is the sample. */
export async function holdsSample(db: Executor, tenant: string): Promise<boolean> {
  const row = await db
    .selectFrom('data_sources')
    .select('name')
    .where('tenant', '=', tenant)
    .where('sample', '=', true)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function filterableFields(db: Executor, tenant: string): Promise<Record<string, string[]>> {
  const { rows } = await sql<{ field: string; value: string }>`
    with found as (
      select 'owner' as field, owner as value from items where tenant = ${tenant} and owner is not null
      union all
      select 'environment', environment from items where tenant = ${tenant} and environment is not null
      union all
      select 'status', status from items where tenant = ${tenant}
      union all
      select a.key, a.value #>> '{}' from items, jsonb_each(attributes) as a
      where tenant = ${tenant} and jsonb_typeof(a.value) in ('string', 'boolean', 'number')
    ), ranked as (
      select field, value, row_number() over (partition by field order by count(*) desc, value) as place
      from found group by field, value
    )
    select field, value from ranked where place <= ${VALUES_SHOWN} order by field, place`.execute(db);
  // An attribute may have any name, `constructor` too.
  return Object.fromEntries(
    [...Map.groupBy(rows, ({ field }) => field)].map(([field, own]) => [
      field,
      own.map(({ value }) => value),
    ]),
  );
}

function spanOf(ranges: { first_at: Date; last_at: Date }[]): InventoryCatalog['time_range'] {
  if (ranges.length === 0) return null;
  return {
    from: new Date(Math.min(...ranges.map((range) => range.first_at.getTime()))).toISOString(),
    to: new Date(Math.max(...ranges.map((range) => range.last_at.getTime()))).toISOString(),
  };
}
