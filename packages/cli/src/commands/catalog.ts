import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { count } from '../option-values.ts';
import { nextPageText } from '../output/next-page.ts';
import { table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

type Catalog = Awaited<ReturnType<Session['client']['catalog']['list']>>;
type Table = Awaited<ReturnType<Session['client']['catalog']['table']>>;

interface ShowCatalogOptions {
  text?: string;
  limit: number;
  cursor?: string;
}

const POLL_MS = 500;
const PATIENCE_MS = 120_000;

/** `planyard catalog …`. */
export function addCatalog(program: Command, { add, session }: Shell): void {
  const catalog = program.command('catalog').description('what the data sources hold');
  add(catalog, 'show', 'data sources; of one its tables; of a table its columns')
    .argument('[source]')
    .argument('[table]', 'name or schema.name; * stands for any text')
    .option('--text <text>', 'only tables that hold it in names, comments or values')
    .option('--limit <number>', 'how many tables', count, 50)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(
      (
        source: string | undefined,
        name: string | undefined,
        { output, ...query }: ShowCatalogOptions & Output,
      ) => showCatalog(session({ output }), source, name, query),
    );
  add(catalog, 'refresh', 'have data sources read again, and wait for it')
    .argument('[source]')
    .action((source: string | undefined, options: Output) => refreshCatalog(session(options), source));
}

/** The sources; with a source its tables; with a table too its columns. */
async function showCatalog(
  { client, io, format }: Session,
  source: string | undefined,
  name: string | undefined,
  query: ShowCatalogOptions,
): Promise<void> {
  const exact = name !== undefined && !name.includes('*');
  const shown =
    source !== undefined && exact
      ? await client.catalog.table(source, name)
      : await client.catalog.list({ ...query, source, table: name });
  if (format === 'json') {
    io.out(`${JSON.stringify(shown, null, 2)}\n`);
    return;
  }
  if ('foreign_keys' in shown) {
    io.out(textOfTable(shown, io.outColumns));
    return;
  }
  io.out(textOfSources(shown, io.outColumns));
  if (source === undefined && query.text === undefined) return;
  const rows = shown.data.map((each) => [
    `${each.source}: ${each.schema}.${each.name}`,
    each.rows === null ? '' : `~${each.rows}`,
    String(each.columns),
    each.comment ?? '',
  ]);
  io.out(`\n${table(['TABLE', 'ROWS', 'COLUMNS', 'COMMENT'], rows, io.outColumns)}`);
  io.err(nextPageText(['catalog', 'show', source, name], { ...query }, shown.next_cursor));
}

/** Has sources read again, and waits until they are. */
async function refreshCatalog({ client, io, format }: Session, source: string | undefined): Promise<void> {
  const { sources } = await client.catalog.refresh(source);
  if (sources.length === 0)
    throw new CliError('There is no data source: docs/catalogs.md says how to name one.');
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await client.catalog.list({ source, limit: 1 });
    const waiting = found.sources.filter((each) => sources.includes(each.source) && each.refreshing);
    if (waiting.length === 0) {
      io.out(
        format === 'json'
          ? `${JSON.stringify(found.sources, null, 2)}\n`
          : textOfSources(found, io.outColumns),
      );
      return;
    }
    if (Date.now() > until)
      throw new CliError(
        `${waiting.map((each) => each.source).join(', ')}: nobody has read it yet. Is a tool worker running?`,
      );
    await setTimeout(POLL_MS);
  }
}

function textOfSources({ sources }: Pick<Catalog, 'sources'>, width: number): string {
  if (sources.length === 0) return 'No data source is configured, or no tool worker runs.\n';
  const rows = sources.map((each) => [
    each.source,
    each.refreshing ? 'refreshing' : each.state,
    String(each.tables),
    String(each.columns),
    each.read_at ?? '',
    each.fault ?? '',
  ]);
  return table(['SOURCE', 'STATE', 'TABLES', 'COLUMNS', 'READ AT', 'FAULT'], rows, width);
}

function textOfTable(shown: Table, width: number): string {
  const rows = shown.columns.map((column) => [
    column.name,
    `${column.type}${column.nullable ? '' : ' not null'}`,
    keyOf(shown, column.name),
    [column.comment, column.sensitive ? 'sensitive' : column.values?.join(', ')].filter(Boolean).join(' | '),
  ]);
  const size = shown.rows === null ? '' : `, ~${shown.rows} rows`;
  const head = `${shown.schema}.${shown.name} (${shown.kind.replace('_', ' ')}${size})`;
  const about = shown.comment === undefined ? '' : `${shown.comment}\n`;
  return `${head}\n${about}\n${table(['COLUMN', 'TYPE', 'KEY', 'COMMENT | VALUES'], rows, width)}`;
}

function keyOf({ primary_key, unique, foreign_keys }: Table, column: string): string {
  const refers = foreign_keys.find(({ columns }) => columns.includes(column));
  return [
    primary_key.includes(column) ? 'primary' : '',
    unique.some((columns) => columns.includes(column)) ? 'unique' : '',
    refers ? `-> ${refers.schema}.${refers.table}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}
