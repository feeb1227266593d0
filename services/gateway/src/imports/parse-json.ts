import type { Readable } from 'node:stream';
import { type Parsed, type TableKind, tableKindOf, toRow, unknownTable } from './import-row.ts';
import { splitJson } from './json-elements.ts';

/** A JSON array of rows, or one row a line (NDJSON). The first row tells what all are, unless `kind` does. */
export async function* parseJson(input: Readable, kind: TableKind | undefined): AsyncGenerator<Parsed> {
  let table: TableKind | null | undefined = kind;
  input.setEncoding('utf8');
  try {
    for await (const { line, text } of splitJson(input as AsyncIterable<string>)) {
      const row = parseRow(text);
      if ('problem' in row) {
        yield { line, message: row.problem };
        continue;
      }
      if (row.value === null || typeof row.value !== 'object' || Array.isArray(row.value)) {
        yield { line, message: 'a row must be an object' };
        continue;
      }
      table ??= tableKindOf(Object.keys(row.value));
      if (table === null) {
        yield { line, message: unknownTable(Object.keys(row.value)) };
        return;
      }
      yield* toRow(table, row.value, line);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    yield { line: 1, message: error.message };
  }
}

function parseRow(text: string): { value: unknown } | { problem: string } {
  if (text.trim() === '') return { problem: 'the list is not closed' };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `not JSON: ${(error as Error).message}` };
  }
}
