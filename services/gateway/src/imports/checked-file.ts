import type { ImportKind } from '@planyard/contracts';
import type { RowFault } from './import-row.ts';
import type { ReceivedFile } from './receive-files.ts';

/** Faults of a file that a report names; a file with a million of them has one cause. */
const shownFaults = 100;

/** A file that is read through: its kind, and what is wrong with it. */
export interface CheckedFile {
  file: ReceivedFile;
  kind: ImportKind | null;
  rows: number;
  faults: RowFault[];
}

/** Adds a fault unless the report of the file is full. */
export function addFault(file: CheckedFile, fault: RowFault): void {
  if (file.faults.length < shownFaults) file.faults.push(fault);
}
