import type { Readable } from 'node:stream';
import type { Json } from '@planyard/contracts';
import { CsvError, parse } from 'csv-parse';
import { type Parsed, type TableKind, tableKindOf, toRow, unknownTable } from './import-row.ts';

/** Columns that are part of a row itself, by kind; in items and events every other column becomes an attribute. */
const own: Record<TableKind, string[]> = {
  items: ['code', 'name', 'type', 'description', 'owner', 'environment', 'status', 'attributes'],
  relations: ['from', 'relation', 'to'],
  metrics: ['code', 'metric', 'at', 'value', 'unit'],
  events: ['code', 'type', 'severity', 'at', 'message', 'attributes'],
};

const MOST_COLUMNS = 1_000;

interface CsvRecord {
  record: Record<string, string>;
  info: { lines: number };
}

/** RFC 4180 with a header line; a byte order mark is dropped, cells are trimmed, an empty cell is an absent value. */
export async function* parseCsv(input: Readable, kind: TableKind | undefined): AsyncGenerator<Parsed> {
  let columns: string[] = [];
  const parser = input.pipe(
    parse({
      bom: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
      max_record_size: 1024 * 1024,
      columns: (header: string[]) => {
        columns = header.map((column) => column.trim().toLowerCase());
        return columns;
      },
    }),
  );
  // A broken input must end the loop below, not wait for more.
  input.once('error', (error) => parser.destroy(error));
  let table: TableKind | null | undefined = kind;
  let lastLine = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (columns.length > MOST_COLUMNS) {
        yield { line: 1, message: `a table may have ${MOST_COLUMNS} columns` };
        return;
      }
      table ??= tableKindOf(columns);
      if (table === null) {
        const [first = ''] = columns;
        const comma = columns.length === 1 && /[;\t]/.test(first) ? 'cells are separated by commas: ' : '';
        yield { line: 1, message: `${comma}${unknownTable(columns)}` };
        return;
      }
      yield* toRow(table, rowOf(record, table), lastLine + 1);
      lastLine = info.lines;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : lastLine + 1;
    yield { line, message: error.message };
  }
}

function rowOf(record: Record<string, string>, kind: TableKind): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  const attributes: [string, Json][] = [];
  for (const [column, cell] of Object.entries(record)) {
    if (cell === '') continue;
    if (own[kind].includes(column) && column !== 'attributes') row[column] = cell;
    else if (kind === 'items' || kind === 'events') attributes.push(...attributesOf(column, cell));
    else row[column] = cell;
  }
  return attributes.length === 0 ? row : { ...row, attributes: Object.fromEntries(attributes) };
}

/** A column `attributes` holds a JSON object; any other is one attribute. */
function attributesOf(column: string, cell: string): [string, Json][] {
  if (column !== 'attributes') return [[column, cell]];
  try {
    const value: unknown = JSON.parse(cell);
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      return Object.entries(value as Record<string, Json>);
  } catch {
    // Kept as text below.
  }
  return [['attributes', cell]];
}
