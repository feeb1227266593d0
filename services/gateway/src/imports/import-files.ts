import type { ImportedFile, ImportKind, ImportQuery, ImportReport } from '@planyard/contracts';
import { backstageKinds, type Executor } from '@planyard/store';
import { addFault, type CheckedFile } from './checked-file.ts';
import { type ImportRow, isFault } from './import-row.ts';
import { loadFiles } from './load-files.ts';
import { collectEntityCodes, type EntityCodes } from './parse-backstage.ts';
import { formatOf, parseFile, readCatalogs } from './parse-file.ts';
import type { ReceivedFile } from './receive-files.ts';

/** Items come before what names them. */
const order: (ImportKind | null)[] = ['backstage', 'items', 'relations', 'metrics', 'events', null];

/**
 * Loads files into a tenant's inventory. Every file is first read through; one with a fault is reported and not loaded.
 * The others are loaded in the order their rows need each other, each all or nothing.
 */
export async function importFiles(
  deps: { db: Executor; now: () => number },
  tenant: string,
  files: ReceivedFile[],
  { kind, replace }: ImportQuery,
): Promise<ImportReport> {
  const codes = await collectEntityCodes(readCatalogs(files), (all) => backstageKinds(deps.db, tenant, all));
  const checked: CheckedFile[] = [];
  for (const file of files) checked.push(await checkFile(file, kind, codes));
  const sorted = [...checked].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  const { counts, sampleRemoved, itemsRemoved } = await loadFiles(deps, tenant, sorted, kind, codes, replace);
  return {
    sample_removed: sampleRemoved,
    items_removed: itemsRemoved,
    files: checked.map((entry) => ({
      file: entry.file.name,
      kind: entry.kind,
      rows: entry.rows,
      loaded: counts.get(entry) ?? { items: 0, relations: 0, metrics: 0, events: 0 },
      errors: entry.faults.map(({ line, message }) => ({ path: `${entry.file.name}:${line}`, message })),
    })),
  };
}

async function checkFile(
  file: ReceivedFile,
  given: ImportKind | undefined,
  codes: EntityCodes,
): Promise<CheckedFile> {
  const isCatalog = formatOf(file.name) === 'backstage';
  const checked: CheckedFile = { file, kind: isCatalog ? 'backstage' : (given ?? null), rows: 0, faults: [] };
  for await (const parsed of parseFile(file, given, codes)) {
    if (isFault(parsed)) addFault(checked, parsed);
    else {
      checked.rows += 1;
      checked.kind ??= kindOf(parsed);
    }
  }
  if (checked.rows === 0 && checked.faults.length === 0)
    addFault(checked, { line: 1, message: 'there is no row in this file' });
  return checked;
}

function kindOf(row: ImportRow): ImportedFile['kind'] {
  switch (row.kind) {
    case 'item':
      return 'items';
    case 'relation':
      return 'relations';
    case 'metric':
      return 'metrics';
    case 'event':
      return 'events';
  }
}
