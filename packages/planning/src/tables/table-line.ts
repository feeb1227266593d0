import type { CatalogColumn, CatalogTable, ForeignKey } from '@planyard/contracts';

/** `full` for the tables that fit best, `brief` for those that may be meant, `keys` for those that are joined. */
export type TableDetail = 'full' | 'brief' | 'keys';

const DETAILS: Record<TableDetail, { columns: number; values: number; words: number; comment: number }> = {
  full: { columns: 30, values: 10, words: 8, comment: 30 },
  brief: { columns: 10, values: 5, words: 0, comment: 15 },
  keys: { columns: 4, values: 3, words: 0, comment: 8 },
};

/**
 * One line: `sales.orders (~1,200,000 rows): What customers bought; id bigint key, customer_id bigint -> sales.customers.id,
 * status text [open|shipped], … 9 more columns`. Keys and columns that `fits` come first, in the table's order.
 */
export function lineOfTable(
  table: CatalogTable,
  detail: TableDetail,
  fits: (text: string) => boolean,
): string {
  const limits = DETAILS[detail];
  const keys = new Set([...table.primary_key, ...table.foreign_keys.flatMap(({ columns }) => columns)]);
  const wanted = (column: CatalogColumn) =>
    keys.has(column.name) || fits([column.name, column.comment, ...(column.values ?? [])].join(' '));
  const others = table.columns.filter((column) => !wanted(column));
  const shown = new Set([
    ...table.columns.filter(wanted),
    ...others.slice(0, Math.max(0, limits.columns - keys.size)),
  ]);
  const columns = table.columns
    .filter((column) => shown.has(column))
    .map((column) => textOfColumn(column, table, limits));
  const left = table.columns.length - columns.length;
  const rows = table.rows === null ? '' : `~${table.rows.toLocaleString('en-US')} rows`;
  const kind = table.kind === 'table' ? '' : table.kind.replace('_', ' ');
  const about = [kind, rows].filter(Boolean).join(', ');
  const comment = firstWords(table.comment ?? '', limits.comment);
  return [
    `${table.schema}.${table.name}${about === '' ? '' : ` (${about})`}: `,
    comment === '' ? '' : `${comment}; `,
    [...columns, ...(left > 0 ? [`… ${left} more columns`] : [])].join(', '),
  ].join('');
}

function textOfColumn(
  column: CatalogColumn,
  table: CatalogTable,
  { values, words }: { values: number; words: number },
): string {
  const key = table.primary_key.includes(column.name) ? ' key' : '';
  const refers = table.foreign_keys.find(({ columns }) => columns.includes(column.name));
  const some = column.values?.slice(0, values) ?? [];
  const more = (column.values?.length ?? 0) > some.length ? '|…' : '';
  const comment = firstWords(column.comment ?? '', words);
  return [
    `${column.name} ${shortType(column.type)}${key}`,
    refers ? ` -> ${targetOf(refers, column.name)}` : '',
    some.length > 0 ? ` [${some.join('|')}${more}]` : '',
    comment === '' ? '' : ` (${comment})`,
  ].join('');
}

function targetOf({ schema, table, columns, references }: ForeignKey, column: string): string {
  return `${schema}.${table}.${references[columns.indexOf(column)]}`;
}

const SHORT: [RegExp, string][] = [
  [/^character varying(\(\d+\))?/, 'text'],
  [/^character\(\d+\)/, 'text'],
  [/^timestamp(\(\d+\))? with(out)? time zone/, 'timestamp'],
  [/^double precision/, 'float'],
  [/^numeric\([^)]*\)/, 'numeric'],
];

function shortType(type: string): string {
  for (const [long, short] of SHORT) if (long.test(type)) return type.replace(long, short);
  return type;
}

/** The first so many words, on one line. */
function firstWords(text: string, most: number): string {
  if (most === 0) return '';
  const words = text.split(/\s+/u).filter(Boolean);
  return words.length <= most ? words.join(' ') : `${words.slice(0, most).join(' ')}…`;
}
