import type { Logger } from '@planyard/runtime';
import type { OpenSource, Query } from './open-source.ts';
import type { FoundColumn, FoundTable } from './read-tables.ts';
import { isHidden } from './sensitive.ts';
import type { SourceConfig } from './source-config.ts';
import { describeFault } from './source-fault.ts';

/** Values are cut to so many characters. */
const MOST_CHARS = 64;
/** A column with a longer value is a text, and has none to tell. */
const LONG_TEXT = 200;
/** Rows of a small table that are looked at. */
const MOST_ROWS = 10_000;
/** Where nobody has counted rows, a table of so many bytes is small. */
const SMALL_BYTES = 8 * 1024 * 1024;
/** What looking into tables takes in all; the rest has no values until the next reading. */
const ALL_MS = 20_000;
const TYPES = new Set(['text', 'varchar', 'bpchar', 'citext', 'name', 'int2', 'int4', 'int8']);

type Values = Map<FoundColumn, string[]>;

/**
 * Some values of columns that have few: labels of enumerations, what statistics hold, and for small tables without them
 * what a bounded look finds. Never of keys, of sensitive columns, of views, or of types other than texts and integers.
 */
export async function readValues(
  source: OpenSource,
  tables: readonly FoundTable[],
  config: SourceConfig,
  log: Logger,
): Promise<Values> {
  const values: Values = new Map();
  if (config.values.max_distinct === 0) return values;
  const wanted = new Map(tables.map((table) => [table, columnsToRead(table, config)]));
  await source.readOnly(config.timeout_ms, async (query) => {
    await readLabels(query, wanted, values, config);
    await readStatistics(query, wanted, values, config);
  });
  await lookIntoSmall(source, wanted, values, config, log);
  return values;
}

function columnsToRead(table: FoundTable, config: SourceConfig): FoundColumn[] {
  if (table.kind !== 'table') return [];
  const keys = new Set([
    ...table.primary_key,
    ...table.foreign_keys.flatMap(({ columns }) => columns),
    ...table.unique.filter((columns) => columns.length === 1).flat(),
  ]);
  return table.columns.filter(
    (column) =>
      (column.is_enum || TYPES.has(column.base)) &&
      !keys.has(column.name) &&
      !isHidden(table, column, config),
  );
}

type Wanted = ReadonlyMap<FoundTable, FoundColumn[]>;

async function readLabels(query: Query, wanted: Wanted, values: Values, config: SourceConfig): Promise<void> {
  const enums = [...wanted.values()].flat().filter(({ is_enum }) => is_enum);
  if (enums.length === 0) return;
  const rows = await query<{ type: string; labels: string[] }>(
    `select t.typname as type, array_agg(e.enumlabel::text order by e.enumsortorder) as labels
     from pg_enum e join pg_type t on t.oid = e.enumtypid
     where t.typname = any($1) group by t.oid, t.typname`,
    [enums.map(({ base }) => base)],
  );
  // Two schemas may have a type of the same name: then nobody knows which one is meant.
  const byType = Map.groupBy(rows, ({ type }) => type);
  for (const column of enums) {
    const found = byType.get(column.base) ?? [];
    if (found.length === 1 && found[0]) keep(values, column, found[0].labels, config);
  }
}

interface Statistics {
  schema: string;
  table: string;
  column: string;
  n_distinct: number;
  common: string[] | null;
}

async function readStatistics(
  query: Query,
  wanted: Wanted,
  values: Values,
  config: SourceConfig,
): Promise<void> {
  // Those of a partitioned table are the ones that count its partitions.
  const rows = await query<Statistics>(
    `select distinct on (schemaname, tablename, attname) schemaname as schema, tablename as table,
       attname as column, n_distinct, most_common_vals::text::text[] as common
     from pg_stats where schemaname = any($1)
     order by schemaname, tablename, attname, inherited desc`,
    [config.schemas],
  );
  const byColumn = new Map(rows.map((row) => [JSON.stringify([row.schema, row.table, row.column]), row]));
  for (const [table, columns] of wanted)
    for (const column of columns) {
      const found = byColumn.get(JSON.stringify([table.schema, table.name, column.name]));
      if (!found || values.has(column)) continue;
      const distinct = found.n_distinct < 0 ? -found.n_distinct * (table.rows ?? 0) : found.n_distinct;
      if (distinct > config.values.max_distinct) values.set(column, []);
      else if (found.common) keep(values, column, found.common, config);
    }
}

async function lookIntoSmall(
  source: OpenSource,
  wanted: Wanted,
  values: Values,
  config: SourceConfig,
  log: Logger,
): Promise<void> {
  const until = Date.now() + ALL_MS;
  const small = [...wanted]
    .map(([table, columns]) => ({ table, columns: columns.filter((column) => !values.has(column)) }))
    .filter(({ table, columns }) => columns.length > 0 && (table.rows ?? 0) <= config.values.small_rows);
  for (const { table, columns } of small) {
    if (Date.now() > until) {
      log.warn({ tables: small.length }, 'looking for values took too long: some columns have none');
      return;
    }
    try {
      // A transaction for each: one that is too slow ends its own alone.
      await source.readOnly(config.values.timeout_ms, (query) =>
        lookInto(query, table, columns, values, config),
      );
    } catch (error) {
      if (!isSlowOrRefused(error)) throw error;
      log.info(
        { table: `${table.schema}.${table.name}`, why: describeFault(error) },
        'a table gave no values',
      );
    }
  }
}

async function lookInto(
  query: Query,
  table: FoundTable,
  columns: FoundColumn[],
  values: Values,
  config: SourceConfig,
): Promise<void> {
  const name = `${quoted(table.schema)}.${quoted(table.name)}`;
  if (table.rows === null) {
    const [size] = await query<{ bytes: number }>(
      `select coalesce(sum(pg_relation_size(relid)), pg_relation_size($1::oid::regclass))::float8 as bytes
       from pg_partition_tree($1::oid::regclass)`,
      [table.oid],
    );
    if ((size?.bytes ?? 0) > SMALL_BYTES) return;
  }
  const most = config.values.max_distinct + 1;
  const arrays = columns.map(
    ({ name: column }, at) =>
      `array(select left(v, ${LONG_TEXT + 1}) from (select ${quoted(column)}::text as v, count(*) as n from looked
        where ${quoted(column)} is not null group by 1 order by n desc, v limit ${most}) d) as c${at}`,
  );
  const [row] = await query<Record<string, string[]>>(
    `with looked as materialized (select ${columns.map((column) => quoted(column.name)).join(', ')}
     from ${name} limit ${MOST_ROWS}) select ${arrays.join(', ')}`,
  );
  for (const [at, column] of columns.entries()) {
    const found = row?.[`c${at}`] ?? [];
    if (found.length > 0 && found.length < most) keep(values, column, found, config);
  }
}

function keep(values: Values, column: FoundColumn, found: readonly string[], config: SourceConfig): void {
  if (found.some((value) => value.length > LONG_TEXT)) {
    values.set(column, []);
    return;
  }
  const cut = found.map((value) =>
    value.length <= MOST_CHARS ? value : `${value.slice(0, MOST_CHARS - 1)}…`,
  );
  values.set(column, cut.filter((value) => value !== '').slice(0, config.values.shown));
}

/** Too slow, locked, or the role may not: that table's values are not known. */
function isSlowOrRefused(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(57014|55P03|42501|42P01|42703)$/.test(code);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
