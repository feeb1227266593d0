import { type InventoryLoad, loadInventory } from '@planyard/store';
import { addFault, type CheckedFile } from './checked-file.ts';
import { type ImportRow, isFault } from './import-row.ts';
import { batchRows, type LoadDeps, type Loaded, type LoadedFiles, loadBatch } from './load-batch.ts';
import type { EntityCodes } from './parse-backstage.ts';
import { parseFile } from './parse-file.ts';

/** Rolls a load back; the faults are noted on their files. */
class UnknownItems extends Error {}

/** Loads Backstage catalogs, which point at each other, in one transaction. One that points at nothing gets the fault and is left out. `replace`: entities of earlier ones that none of these holds are removed, unless a file has a fault. */
export async function loadCatalogs(
  deps: LoadDeps,
  tenant: string,
  files: CheckedFile[],
  codes: EntityCodes,
  replace: boolean,
): Promise<LoadedFiles> {
  // Leaving a bad file out can take from others what they point at: go on until the rest stands.
  for (;;) {
    const good = files.filter((file) => file.faults.length === 0);
    const loaded: LoadedFiles = {
      counts: new Map(good.map((file) => [file, { items: 0, relations: 0, metrics: 0, events: 0 }])),
      sampleRemoved: false,
      itemsRemoved: 0,
    };
    if (good.length === 0) return loaded;
    try {
      const options = { tenant, source: 'files', sample: false, now: new Date(deps.now()) };
      const { sample_removed, result } = await loadInventory(deps.db, options, async (load) => {
        // Items of all files first: relations of one may point into another.
        const loadAll = async (pass: 'items' | 'relations') => {
          for (const file of good)
            await loadRows(
              load,
              file,
              parseFile(file.file, 'backstage', codes),
              pass,
              loaded.counts.get(file),
            );
        };
        await loadAll('items');
        const removed =
          replace && good.length === files.length ? await load.replaceCatalog(codes.imported) : 0;
        await loadAll('relations');
        if (good.some((file) => file.faults.length > 0)) throw new UnknownItems();
        return removed;
      });
      return { ...loaded, sampleRemoved: sample_removed, itemsRemoved: result };
    } catch (error) {
      if (!(error instanceof UnknownItems)) throw error;
    }
  }
}

async function loadRows(
  load: InventoryLoad,
  file: CheckedFile,
  rows: ReturnType<typeof parseFile>,
  pass: 'items' | 'relations',
  counts: Loaded | undefined,
): Promise<void> {
  let batch: ImportRow[] = [];
  const flush = async () => {
    const full = batch;
    batch = [];
    const { unknown, loaded, to } = await loadBatch(load, full);
    if (counts) counts[to] += loaded;
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
