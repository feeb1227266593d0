import type { CatalogColumn, CatalogTable, ForeignKey } from '@planyard/contracts';
import type { Query } from './open-source.ts';
import { isWanted } from './sensitive.ts';
import type { SourceConfig } from './source-config.ts';

/** A column as it was found, with what its values may be looked for by. */
export interface FoundColumn extends CatalogColumn {
  /** The type that a domain is over, else its own: `text`, `int4`. */
  base: string;
  is_enum: boolean;
}

export interface FoundTable extends Omit<CatalogTable, 'columns'> {
  oid: string;
  columns: FoundColumn[];
}

const MOST_COMMENT = 500;

/*
 * Partitions lie in their parent; only what the role may read is told. Rows of a partitioned table are those of its
 * leaves: its own estimate is there only after an ANALYZE of it.
 */
const TABLES = `
  select c.oid::text, n.nspname as schema, c.relname as name, c.relkind as kind,
    left(obj_description(c.oid, 'pg_class'), ${MOST_COMMENT}) as comment,
    case when c.relkind = 'p' then leaves.rows when c.reltuples < 0 then null else c.reltuples end::float8 as rows,
    leaves.count::int as partitions
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join lateral (
    select count(*) as count, case when min(l.reltuples) < 0 then null else sum(l.reltuples) end as rows
    from pg_partition_tree(c.oid) t join pg_class l on l.oid = t.relid
    where c.relkind = 'p' and t.isleaf and t.relid <> c.oid
  ) leaves on c.relkind = 'p'
  where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
    and has_any_column_privilege(c.oid, 'select')
  order by n.nspname, c.relname`;

const COLUMNS = `
  select a.attrelid::text as oid, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    not a.attnotnull as nullable, left(col_description(a.attrelid, a.attnum), ${MOST_COMMENT}) as comment,
    coalesce(b.typname, t.typname) as base, coalesce(b.typtype, t.typtype) = 'e' as is_enum
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  left join pg_type b on b.oid = t.typbasetype
  where a.attrelid = any($1::oid[]) and a.attnum > 0 and not a.attisdropped
    and has_column_privilege(a.attrelid, a.attnum, 'select')
  order by a.attrelid, a.attnum`;

/** Of a partition's constraints those of its parent are told. */
const KEYS = `
  select k.conrelid::text as oid, k.contype as kind, n.nspname as schema, f.relname as table,
    (select array_agg(a.attname::text order by u.at) from unnest(k.conkey) with ordinality u(num, at)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num) as columns,
    (select array_agg(a.attname::text order by u.at) from unnest(k.confkey) with ordinality u(num, at)
      join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num) as references
  from pg_constraint k
  left join pg_class f on f.oid = k.confrelid
  left join pg_namespace n on n.oid = f.relnamespace
  where k.conrelid = any($1::oid[]) and k.contype in ('p', 'u', 'f') and k.conparentid = 0
  order by k.conrelid, k.conname`;

const KINDS = {
  r: 'table',
  p: 'table',
  v: 'view',
  m: 'materialized_view',
  f: 'foreign_table',
} as const;

interface TableRow {
  oid: string;
  schema: string;
  name: string;
  kind: keyof typeof KINDS;
  comment: string | null;
  rows: number | null;
  partitions: number | null;
}

interface ColumnRow {
  oid: string;
  name: string;
  type: string;
  nullable: boolean;
  comment: string | null;
  base: string;
  is_enum: boolean;
}

interface KeyRow {
  oid: string;
  kind: 'p' | 'u' | 'f';
  schema: string | null;
  table: string | null;
  columns: string[] | null;
  references: string[] | null;
}

/** The tables that the configuration wants and the role may read, without values. */
export async function readTables(query: Query, config: SourceConfig): Promise<FoundTable[]> {
  const rows = (await query<TableRow>(TABLES, [config.schemas])).filter((row) => isWanted(row, config));
  const oids = rows.map(({ oid }) => oid);
  const columns = Map.groupBy(await query<ColumnRow>(COLUMNS, [oids]), ({ oid }) => oid);
  const keys = Map.groupBy(await query<KeyRow>(KEYS, [oids]), ({ oid }) => oid);
  return rows.map((row) => tableOf(row, columns.get(row.oid) ?? [], keys.get(row.oid) ?? []));
}

function tableOf(row: TableRow, columns: ColumnRow[], keys: KeyRow[]): FoundTable {
  // A column that the role may not read is in no key that is told.
  const readable = new Set(columns.map(({ name }) => name));
  const told = keys.filter((key) => key.columns?.every((column) => readable.has(column)));
  const columnsOf = (kind: KeyRow['kind']) =>
    told.filter((key) => key.kind === kind).map((key) => key.columns ?? []);
  return {
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    kind: KINDS[row.kind],
    ...(row.comment ? { comment: row.comment } : {}),
    rows: row.rows === null ? null : Math.round(row.rows),
    ...(row.partitions ? { partitions: row.partitions } : {}),
    columns: columns.map(({ oid: _, comment, ...column }) => ({
      ...column,
      ...(comment ? { comment } : {}),
    })),
    primary_key: columnsOf('p')[0] ?? [],
    unique: columnsOf('u'),
    foreign_keys: told.flatMap((key): ForeignKey[] =>
      key.kind === 'f' && key.schema !== null && key.table !== null
        ? [
            {
              columns: key.columns ?? [],
              schema: key.schema,
              table: key.table,
              references: key.references ?? [],
            },
          ]
        : [],
    ),
  };
}

/** A text that changes when tables, columns, keys, comments or grants of these schemas do. Cheap: no data is looked at. */
export async function fingerprint(query: Query, schemas: readonly string[]): Promise<string> {
  const [row] = await query<{ print: string }>(
    `with tables as (
       select c.oid, c.xmin from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f'))
     select md5(concat_ws('/',
       (select string_agg(oid || '.' || xmin, ',' order by oid) from tables),
       (select md5(string_agg(a.attrelid || '.' || a.attnum || '.' || a.xmin, ',' order by a.attrelid, a.attnum))
          from pg_attribute a join tables t on t.oid = a.attrelid where a.attnum > 0),
       (select string_agg(k.oid || '.' || k.xmin, ',' order by k.oid)
          from pg_constraint k join tables t on t.oid = k.conrelid),
       (select string_agg(d.objoid || '.' || d.objsubid || '.' || d.xmin, ',' order by d.objoid, d.objsubid)
          from pg_description d join tables t on t.oid = d.objoid where d.classoid = 'pg_class'::regclass),
       (select string_agg(e.oid || '.' || e.xmin, ',' order by e.oid) from pg_enum e))) as print`,
    [schemas],
  );
  return row?.print ?? '';
}
