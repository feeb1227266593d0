import {
  faultsOf,
  InventoryEvent,
  InventoryItem,
  InventoryRelation,
  isDeeperThan,
  LIMITS,
  MetricSample,
} from '@planyard/contracts';
import type { z } from 'zod';

/** A row of a file, typed, with the line it begins on. */
export type ImportRow = { line: number } & (
  | { kind: 'item'; value: InventoryItem }
  | { kind: 'relation'; value: InventoryRelation }
  | { kind: 'metric'; value: MetricSample }
  | { kind: 'event'; value: InventoryEvent }
);

/** What of a file is not right, and on which line. */
export interface RowFault {
  line: number;
  message: string;
}

/** A parser yields rows and faults in the order of the file, and never throws for what the file holds. */
export type Parsed = ImportRow | RowFault;

export function isFault(parsed: Parsed): parsed is RowFault {
  return 'message' in parsed;
}

export type TableKind = 'items' | 'relations' | 'metrics' | 'events';

/** Columns that tell the kinds of table apart; the first kind whose columns are all there wins. */
const telling: [TableKind, string[]][] = [
  ['relations', ['from', 'relation', 'to']],
  ['metrics', ['code', 'metric', 'at', 'value']],
  ['events', ['code', 'type', 'at', 'message']],
  ['items', ['code', 'type']],
];

/** The kind of table with these columns, or null. */
export function tableKindOf(columns: readonly string[]): TableKind | null {
  return telling.find(([, needed]) => needed.every((column) => columns.includes(column)))?.[0] ?? null;
}

export function unknownTable(columns: readonly string[]): string {
  const wanted = telling.map(([kind, needed]) => `${kind}: ${needed.join(', ')}`).join('; ');
  return `the columns ${columns.slice(0, 20).join(', ') || '(none)'} are of no known kind (${wanted})`;
}

/** Checks one raw row against the schema of its kind. */
export function toRow(kind: TableKind, value: unknown, line: number): Parsed[] {
  switch (kind) {
    case 'items':
      return checked(InventoryItem, value, line, (item) => ({ kind: 'item', value: item, line }));
    case 'relations':
      return checked(InventoryRelation, value, line, (item) => ({ kind: 'relation', value: item, line }));
    case 'metrics':
      return checked(MetricSample, value, line, (item) => ({ kind: 'metric', value: item, line }));
    case 'events':
      return checked(InventoryEvent, value, line, (item) => ({ kind: 'event', value: item, line }));
  }
}

function checked<S extends z.ZodType>(
  schema: S,
  value: unknown,
  line: number,
  row: (value: z.output<S>) => ImportRow,
): Parsed[] {
  // Whoever checks or writes it recurses.
  if (isDeeperThan(value, LIMITS.json_depth))
    return [{ line, message: `the row is nested deeper than ${LIMITS.json_depth} levels` }];
  const parsed = schema.safeParse(value);
  if (parsed.success) return [row(parsed.data)];
  return faultsOf(parsed.error).map(({ path, message }) => ({ line, message: `${path}: ${message}` }));
}
