import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ImportKind } from '@planyard/contracts';
import type { Parsed } from './import-row.ts';
import { type EntityCodes, parseBackstage } from './parse-backstage.ts';
import { parseCsv } from './parse-csv.ts';
import { parseJson } from './parse-json.ts';
import type { ReceivedFile } from './receive-files.ts';

export type FileFormat = 'backstage' | 'csv' | 'json';

/** A catalog file is read whole; real ones have some kilobytes. */
const longestCatalog = 16 * 1024 * 1024;

/** By the ending of its name; what has none that is known is null. */
export function formatOf(name: string): FileFormat | null {
  if (/\.ya?ml$/i.test(name)) return 'backstage';
  if (/\.csv$/i.test(name)) return 'csv';
  if (/\.(json|ndjson|jsonl)$/i.test(name)) return 'json';
  return null;
}

/** The text of a catalog file; null when it is longer than any catalog. */
async function readCatalog(file: ReceivedFile): Promise<string | null> {
  const { size } = await stat(file.path);
  return size > longestCatalog ? null : await readFile(file.path, 'utf8');
}

/** The texts of the catalog files among these, one after the other: all together they may have a gigabyte. */
export async function* readCatalogs(files: ReceivedFile[]): AsyncGenerator<string> {
  for (const file of files)
    if (formatOf(file.name) === 'backstage') {
      const text = await readCatalog(file);
      if (text !== null) yield text;
    }
}

/** Rows and faults of a file, in its order. Reads it anew at each call. */
export async function* parseFile(
  file: ReceivedFile,
  kind: ImportKind | undefined,
  codes: EntityCodes,
): AsyncGenerator<Parsed> {
  const table = kind === 'backstage' ? undefined : kind;
  const format = formatOf(file.name);
  switch (format) {
    case 'csv':
    case 'json': {
      const text = Readable.from(utf8(file.path), { objectMode: false });
      try {
        yield* format === 'csv' ? parseCsv(text, table) : parseJson(text, table);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
        yield { line: 1, message: `the file is not UTF-8: ${SAVE_AS}` };
      } finally {
        text.destroy();
      }
      return;
    }
    case 'backstage': {
      const text = await readCatalog(file);
      if (text === null) yield { line: 1, message: 'a catalog file may have 16 MiB' };
      else yield* parseBackstage(text, codes);
      return;
    }
    case null:
      yield {
        line: 1,
        message: `the name must end in .yaml, .yml, .csv, .json, .ndjson or .jsonl; ${SAVE_AS}`,
      };
  }
}

const SAVE_AS = 'from a spreadsheet, save it as "CSV UTF-8"';

/** The bytes of a file as long as they are UTF-8: others, such as those of Excel's "Unicode text", would be stored as broken text. */
async function* utf8(path: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const bytes of createReadStream(path)) {
    decoder.decode(bytes, { stream: true });
    yield bytes;
  }
  decoder.decode();
}
