import type { InventoryEvent, InventoryItem, InventoryRelation, MetricSample } from '@planyard/contracts';
import { sql } from 'kysely';
import type { Executor } from '../database.ts';
import { storableJson, storableText } from '../storable.ts';
import { inTransaction } from '../transaction.ts';
import { noteMetrics } from './note-metrics.ts';
import { removeSample } from './remove-sample.ts';
import { replaceCatalog } from './replace-catalog.ts';

/** A row that names an item nobody has loaded. */
export interface UnknownCode {
  /** The row's place in its batch. */
  index: number;
  field: 'code' | 'from' | 'to';
  code: string;
}

export interface LoadedBatch {
  /** Rows written; a repeated row counts once. */
  loaded: number;
  /** Non-empty: nothing of this batch was written. Throw to roll the whole load back. */
  unknown: UnknownCode[];
}

/** Writes rows of one source, in batches of some thousands. Items come before what names them. */
export interface InventoryLoad {
  /** By code: an item that is there is replaced. */
  items(batch: InventoryItem[]): Promise<LoadedBatch>;
  relations(batch: InventoryRelation[]): Promise<LoadedBatch>;
  /** Removes the entities of earlier Backstage catalogs that none of these codes names. Comes after the items and before the relations of those that it does. Returns how many went. */
  replaceCatalog(codes: string[]): Promise<number>;
  /** By item, metric and time: a sample that is there is replaced. */
  metrics(batch: MetricSample[]): Promise<LoadedBatch>;
  /** An event that is there (same item, type, time and message) is left. */
  events(batch: InventoryEvent[]): Promise<LoadedBatch>;
}

export interface LoadOptions {
  tenant: string;
  /** A name for where the rows come from. */
  source: string;
  /** The rows are the sample inventory. */
  sample: boolean;
  now: Date;
}

/**
 * Loads inventory rows in one transaction: what `write` throws rolls everything back. The first load of a tenant's own
 * inventory removes the sample in the same transaction. `write` awaits nothing but the load and local files.
 */
export function loadInventory<T>(
  db: Executor,
  options: LoadOptions,
  write: (load: InventoryLoad) => Promise<T>,
): Promise<{ result: T; sample_removed: boolean }> {
  return inTransaction(db, async (tx) => {
    const { tenant, source, sample, now } = options;
    const sampleRemoved = sample ? false : await removeSample(tx, tenant);
    await tx
      .insertInto('data_sources')
      .values({ tenant, name: source, sample, version: 1, loaded_at: now })
      .onConflict((conflict) =>
        conflict
          .columns(['tenant', 'name'])
          .doUpdateSet({ version: sql<number>`data_sources.version + 1`, loaded_at: now }),
      )
      .execute();
    const result = await write(openLoad(tx, tenant, source));
    return { result, sample_removed: sampleRemoved };
  });
}

function openLoad(tx: Executor, tenant: string, source: string): InventoryLoad {
  const idsByCode = new Map<string, string>();
  const idOf = (code: string) => idsByCode.get(code) as string;

  /** Learns the ids of the codes these rows name; returns those that no item has. */
  async function resolve<T>(
    batch: T[],
    fields: { field: UnknownCode['field']; of: (row: T) => string }[],
  ): Promise<UnknownCode[]> {
    const named = batch.flatMap((row, index) =>
      fields.map(({ field, of }) => ({ index, field, code: of(row) })),
    );
    const missing = [...new Set(named.map(({ code }) => code))].filter((code) => !idsByCode.has(code));
    if (missing.length > 0) {
      const { rows } = await sql<{ code: string; id: string }>`
        select code, id from items
        where tenant = ${tenant} and code = any(${missing.map(storableText)}::text[])`.execute(tx);
      for (const row of rows) idsByCode.set(row.code, row.id);
    }
    return named.filter(({ code }) => !idsByCode.has(code));
  }

  return {
    async items(batch) {
      const rows = lastByKey(batch, (item) => storableText(item.code));
      const column = (of: (item: InventoryItem) => string | null) =>
        rows.map((item) => {
          const value = of(item);
          return value === null ? null : storableText(value);
        });
      const { rows: written } = await sql<{ code: string; id: string }>`
        insert into items
          (tenant, source, code, name, type, description, owner, environment, status, attributes)
        select ${tenant}::text, ${source}::text, i.code, i.name, i.type, i.description, i.owner, i.environment,
          i.status, i.attributes::jsonb
        from unnest(
          ${column((item) => item.code)}::text[], ${column((item) => item.name ?? item.code)}::text[],
          ${column((item) => item.type)}::text[], ${column((item) => item.description)}::text[],
          ${column((item) => item.owner)}::text[], ${column((item) => item.environment)}::text[],
          ${column((item) => item.status)}::text[],
          ${rows.map((item) => storableJson(item.attributes))}::text[]
        ) as i (code, name, type, description, owner, environment, status, attributes)
        on conflict (tenant, code) do update set
          source = excluded.source, name = excluded.name, type = excluded.type,
          description = excluded.description, owner = excluded.owner, environment = excluded.environment,
          status = excluded.status, attributes = excluded.attributes
        returning code, id`.execute(tx);
      for (const row of written) idsByCode.set(row.code, row.id);
      return { loaded: written.length, unknown: [] };
    },

    async relations(batch) {
      const unknown = await resolve(batch, [
        { field: 'from', of: (row) => row.from },
        { field: 'to', of: (row) => row.to },
      ]);
      if (unknown.length > 0) return { loaded: 0, unknown };
      const { numAffectedRows } = await sql`
        insert into relations (tenant, from_id, relation, to_id)
        select ${tenant}::text, r.from_id, r.relation, r.to_id
        from unnest(
          ${batch.map((row) => idOf(row.from))}::text[],
          ${batch.map((row) => storableText(row.relation))}::text[],
          ${batch.map((row) => idOf(row.to))}::text[]
        ) as r (from_id, relation, to_id)
        on conflict do nothing`.execute(tx);
      return { loaded: Number(numAffectedRows ?? 0n), unknown: [] };
    },

    replaceCatalog: (codes) => replaceCatalog(tx, tenant, codes),

    async metrics(batch) {
      const unknown = await resolve(batch, [{ field: 'code', of: (row) => row.code }]);
      if (unknown.length > 0) return { loaded: 0, unknown };
      const samples = lastByKey(
        batch.map((row) => ({
          item_id: idOf(row.code),
          metric: storableText(row.metric),
          unit: storableText(row.unit),
          at: new Date(row.at).toISOString(),
          value: row.value,
        })),
        (row) => `${row.item_id}|${row.at}|${row.metric}`,
      );
      await sql`
        insert into metric_samples (tenant, item_id, metric, at, value)
        select ${tenant}::text, s.item_id, s.metric, s.at, s.value
        from unnest(
          ${samples.map((row) => row.item_id)}::text[], ${samples.map((row) => row.metric)}::text[],
          ${samples.map((row) => row.at)}::timestamptz[], ${samples.map((row) => row.value)}::double precision[]
        ) as s (item_id, metric, at, value)
        on conflict (tenant, item_id, metric, at) do update set value = excluded.value`.execute(tx);
      await noteMetrics(tx, tenant, samples);
      return { loaded: samples.length, unknown: [] };
    },

    async events(batch) {
      const unknown = await resolve(batch, [{ field: 'code', of: (row) => row.code }]);
      if (unknown.length > 0) return { loaded: 0, unknown };
      const { numAffectedRows } = await sql`
        insert into item_events (tenant, item_id, type, severity, at, message, attributes)
        select ${tenant}::text, e.item_id, e.type, e.severity, e.at, e.message, e.attributes::jsonb
        from unnest(
          ${batch.map((row) => idOf(row.code))}::text[], ${batch.map((row) => storableText(row.type))}::text[],
          ${batch.map((row) => row.severity)}::text[], ${batch.map((row) => new Date(row.at).toISOString())}::timestamptz[],
          ${batch.map((row) => storableText(row.message))}::text[],
          ${batch.map((row) => storableJson(row.attributes))}::text[]
        ) as e (item_id, type, severity, at, message, attributes)
        on conflict do nothing`.execute(tx);
      return { loaded: Number(numAffectedRows ?? 0n), unknown: [] };
    },
  };
}

/** One statement may not write a row twice: of rows with the same key the last one wins. */
function lastByKey<T>(rows: T[], keyOf: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}
