import type { ImportedFile, ImportKind } from '@planyard/contracts';
import { type Executor, type InventoryLoad, loadInventory, type UnknownCode } from '@planyard/store';
import { addFault, type CheckedFile } from './checked-file.ts';
import { type ImportRow, isFault } from './import-row.ts';
import type { EntityCodes } from './parse-backstage.ts';
import { parseFile } from './parse-file.ts';

type Loaded = ImportedFile['loaded'];

export interface LoadedFiles {
  loaded: Map<CheckedFile, Loaded>;
  sampleRemoved: boolean;
}

const batchRows = 2_000;

/** Rolls a load back; the faults are noted on their files. */
class UnknownItems extends Error {}

/** Loads the files without faults, in the given order. Catalog files point at each other and load together, every other file by itself. */
export async function loadFiles(
  deps: { db: Executor; now: () => number },
  tenant: string,
  files: CheckedFile[],
  kind: ImportKind | undefined,
  codes: EntityCodes,
): Promise<LoadedFiles> {
  const catalogs = files.filter((file) => file.kind === 'backstage');
  const groups = [catalogs, ...files.filter((file) => file.kind !== 'backstage').map((file) => [file])];
  const result: LoadedFiles = { loaded: new Map(), sampleRemoved: false };
  for (const group of groups) {
    // Leaving a bad file out can take from others what they point at: go on until the rest stands.
    for (let good = withoutFaults(group); good.length > 0; good = withoutFaults(group)) {
      const loaded = await tryLoad(deps, tenant, good, kind, codes);
      if (!loaded) continue;
      for (const [file, counts] of loaded.counts) result.loaded.set(file, counts);
      result.sampleRemoved ||= loaded.sampleRemoved;
      break;
    }
  }
  return result;
}

function withoutFaults(files: CheckedFile[]): CheckedFile[] {
  return files.filter((file) => file.faults.length === 0);
}

/** One transaction; null when rows name unknown items: then nothing is loaded and their files have the faults. */
async function tryLoad(
  deps: { db: Executor; now: () => number },
  tenant: string,
  files: CheckedFile[],
  kind: ImportKind | undefined,
  codes: EntityCodes,
): Promise<{ counts: Map<CheckedFile, Loaded>; sampleRemoved: boolean } | null> {
  const counts = new Map(files.map((file) => [file, { items: 0, relations: 0, metrics: 0, events: 0 }]));
  const options = { tenant, source: 'files', sample: false, now: new Date(deps.now()) };
  try {
    const { sample_removed } = await loadInventory(deps.db, options, async (load) => {
      // Items of all files first: relations of one may point into another.
      for (const pass of ['items', 'rest'] as const)
        for (const file of files.filter((each) => hasRowsFor(pass, each)))
          await loadRows(load, file, parseFile(file.file, kind, codes), pass, counts.get(file) as Loaded);
      if (files.some((file) => file.faults.length > 0)) throw new UnknownItems();
    });
    return { counts, sampleRemoved: sample_removed };
  } catch (error) {
    if (error instanceof UnknownItems) return null;
    throw error;
  }
}

/** Only a catalog holds both, so that no other file is read twice. */
function hasRowsFor(pass: 'items' | 'rest', { kind }: CheckedFile): boolean {
  return kind === 'backstage' || (kind === 'items') === (pass === 'items');
}

async function loadRows(
  load: InventoryLoad,
  file: CheckedFile,
  rows: ReturnType<typeof parseFile>,
  pass: 'items' | 'rest',
  counts: Loaded,
): Promise<void> {
  let batch: ImportRow[] = [];
  const flush = async () => {
    const full = batch;
    batch = [];
    const { unknown, loaded, to } = await loadBatch(load, full);
    counts[to] += loaded;
    for (const { index, field, code } of unknown)
      addFault(file, { line: full[index]?.line ?? 1, message: `${field}: there is no item ${code}` });
  };
  for await (const row of rows) {
    if (isFault(row) || (row.kind === 'item') !== (pass === 'items')) continue;
    if (batch.length >= batchRows || (batch[0] && batch[0].kind !== row.kind)) await flush();
    batch.push(row);
  }
  if (batch.length > 0) await flush();
}

/** Rows of one kind. */
async function loadBatch(
  load: InventoryLoad,
  batch: ImportRow[],
): Promise<{ to: keyof Loaded; loaded: number; unknown: UnknownCode[] }> {
  switch (batch[0]?.kind) {
    case undefined:
    case 'item':
      return {
        to: 'items',
        ...(await load.items(batch.flatMap((row) => (row.kind === 'item' ? [row.value] : [])))),
      };
    case 'relation':
      return {
        to: 'relations',
        ...(await load.relations(batch.flatMap((row) => (row.kind === 'relation' ? [row.value] : [])))),
      };
    case 'metric':
      return {
        to: 'metrics',
        ...(await load.metrics(batch.flatMap((row) => (row.kind === 'metric' ? [row.value] : [])))),
      };
    case 'event':
      return {
        to: 'events',
        ...(await load.events(batch.flatMap((row) => (row.kind === 'event' ? [row.value] : [])))),
      };
  }
}
