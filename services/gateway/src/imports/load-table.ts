import { type ImportKind, PlanyardError } from '@planyard/contracts';
import { loadedCodes, loadInventory } from '@planyard/store';
import { addFault, type CheckedFile } from './checked-file.ts';
import { type ImportRow, isFault, type RowFault } from './import-row.ts';
import { batchRows, type LoadDeps, type Loaded, type LoadedFiles, loadBatch } from './load-batch.ts';
import type { EntityCodes } from './parse-backstage.ts';
import { parseFile } from './parse-file.ts';

/** Codes of one query. */
const lookUp = 5_000;

/**
 * Loads a table. Its rows were checked, and first every item they name is looked up, so that a bad row loads nothing of the
 * file. Then it goes in many short transactions: one long one would keep everybody else from the embedded database. Rows
 * replace their like, so a load that a crash cut short is mended by loading the file again.
 */
export async function loadTable(
  deps: LoadDeps,
  tenant: string,
  file: CheckedFile,
  kind: ImportKind | undefined,
  codes: EntityCodes,
): Promise<LoadedFiles> {
  const counts: Loaded = { items: 0, relations: 0, metrics: 0, events: 0 };
  const result: LoadedFiles = { counts: new Map([[file, counts]]), sampleRemoved: false, itemsRemoved: 0 };
  for await (const fault of unknownItems(deps, tenant, parseFile(file.file, kind, codes)))
    addFault(file, fault);
  if (file.faults.length > 0) return { ...result, counts: new Map() };

  const options = { tenant, source: 'files', sample: false, now: new Date(deps.now()) };
  for await (const batch of inBatches(parseFile(file.file, kind, codes))) {
    const loaded = await loadInventory(deps.db, options, (load) => loadBatch(load, batch));
    const { to, unknown } = loaded.result;
    if (unknown.length > 0)
      throw new PlanyardError('conflict', 'Items were removed during the import: import the files again');
    counts[to] += loaded.result.loaded;
    result.sampleRemoved ||= loaded.sample_removed;
  }
  return result;
}

async function* inBatches(rows: ReturnType<typeof parseFile>): AsyncGenerator<ImportRow[]> {
  let batch: ImportRow[] = [];
  for await (const row of rows) {
    if (isFault(row)) continue;
    batch.push(row);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** A fault for the first row that names an item nobody has. Remembers only codes that exist, so a hostile file costs no memory. */
async function* unknownItems(
  { db }: LoadDeps,
  tenant: string,
  rows: ReturnType<typeof parseFile>,
): AsyncGenerator<RowFault> {
  const known = new Set<string>();
  let asked = new Map<string, RowFault>();
  async function* look(): AsyncGenerator<RowFault> {
    const found = await loadedCodes(db, tenant, [...asked.keys()]);
    for (const [code, fault] of asked) {
      if (found.has(code)) known.add(code);
      else yield fault;
    }
    asked = new Map();
  }
  for await (const row of rows) {
    if (isFault(row)) continue;
    for (const [field, code] of itemsOf(row))
      if (!known.has(code) && !asked.has(code))
        asked.set(code, { line: row.line, message: `${field}: there is no item ${code}` });
    if (asked.size >= lookUp) yield* look();
  }
  yield* look();
}

function itemsOf(row: ImportRow): [field: string, code: string][] {
  switch (row.kind) {
    case 'item':
      return [];
    case 'relation':
      return [
        ['from', row.value.from],
        ['to', row.value.to],
      ];
    case 'metric':
    case 'event':
      return [['code', row.value.code]];
  }
}
