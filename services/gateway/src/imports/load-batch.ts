import type { ImportedFile } from '@planyard/contracts';
import type { Executor, InventoryLoad, UnknownCode } from '@planyard/store';
import type { CheckedFile } from './checked-file.ts';
import type { ImportRow } from './import-row.ts';

export type Loaded = ImportedFile['loaded'];

export interface LoadDeps {
  db: Executor;
  now: () => number;
}

export interface LoadedFiles {
  /** Of the files that were loaded. */
  counts: Map<CheckedFile, Loaded>;
  sampleRemoved: boolean;
  /** Entities that no catalog holds any more. */
  itemsRemoved: number;
}

/** Rows of one statement. */
export const batchRows = 2_000;

/** Rows of one kind. */
export async function loadBatch(
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
