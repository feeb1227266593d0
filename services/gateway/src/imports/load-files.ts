import type { ImportKind } from '@planyard/contracts';
import type { CheckedFile } from './checked-file.ts';
import type { LoadDeps, LoadedFiles } from './load-batch.ts';
import { loadCatalogs } from './load-catalogs.ts';
import { loadTable } from './load-table.ts';
import type { EntityCodes } from './parse-backstage.ts';

/** Loads the files without faults, in the given order: catalogs together, every table by itself. */
export async function loadFiles(
  deps: LoadDeps,
  tenant: string,
  files: CheckedFile[],
  kind: ImportKind | undefined,
  codes: EntityCodes,
  replace: boolean,
): Promise<LoadedFiles> {
  const catalogs = files.filter((file) => file.kind === 'backstage');
  const result = await loadCatalogs(deps, tenant, catalogs, codes, replace);
  for (const file of files) {
    if (file.kind === 'backstage' || file.faults.length > 0) continue;
    const loaded = await loadTable(deps, tenant, file, kind, codes);
    for (const [each, count] of loaded.counts) result.counts.set(each, count);
    result.sampleRemoved ||= loaded.sampleRemoved;
  }
  return result;
}
