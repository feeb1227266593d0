import type { Readable } from 'node:stream';
import { type Parsed, type TableKind, tableKindOf, toRow, unknownTable } from './import-row.ts';
import { jsonElements } from './json-elements.ts';

/** A JSON array of rows, or one row a line (NDJSON). The first row tells what all are, unless `kind` does. */
export async function* parseJson(input: Readable, kind: TableKind | undefined): AsyncGenerator<Parsed> {
  let table: TableKind | null | undefined = kind;
  for await (const element of jsonElements(input)) {
    if ('message' in element) {
      yield element;
      continue;
    }
    const { line, value } = element;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      yield { line, message: 'a row must be an object' };
      continue;
    }
    table ??= tableKindOf(Object.keys(value));
    if (table === null) {
      yield { line, message: unknownTable(Object.keys(value)) };
      return;
    }
    yield* toRow(table, value, line);
  }
}
