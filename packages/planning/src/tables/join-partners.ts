import type { CatalogTable } from '@planyard/contracts';
import type { SourceTable } from './table-index.ts';

export interface WantedTable {
  each: SourceTable;
  /** Wanted only because others are joined with it. */
  joined: boolean;
  /** Among those that fit the question. */
  place: number;
}

/** Tables that one refers to, at most. */
const PARTNERS = 6;

/**
 * The tables at these places, best first, each followed by those that it refers to; then the tables that hold two of the
 * fitting ones together.
 */
export function joinsOf(tables: readonly SourceTable[], fitting: readonly number[]): WantedTable[] {
  const byName = new Map(tables.map((each) => [nameOf(each, each.table), each]));
  const fit = fitting.map((at) => tables[at] as SourceTable);
  const wanted = new Map<SourceTable, WantedTable>();
  for (const [place, each] of fit.entries()) wanted.set(each, { each, joined: false, place });
  const order: WantedTable[] = [];
  const push = (each: SourceTable, place: number) => {
    const found = wanted.get(each) ?? { each, joined: true, place };
    wanted.set(each, found);
    if (!order.includes(found)) order.push(found);
  };
  for (const [place, each] of fit.entries()) {
    push(each, place);
    for (const partner of partnersOf(each, byName)) push(partner, place);
  }
  for (const each of tables) {
    if (wanted.has(each)) continue;
    const held = partnersOf(each, byName).filter((partner) => wanted.get(partner)?.joined === false);
    if (held.length > 1) push(each, Math.min(...held.map((partner) => wanted.get(partner)?.place ?? 0)));
  }
  return order;
}

function partnersOf(each: SourceTable, byName: ReadonlyMap<string, SourceTable>): SourceTable[] {
  const found = each.table.foreign_keys.map(({ schema, table }) =>
    byName.get(nameOf(each, { schema, name: table })),
  );
  const others = found.filter((partner) => partner !== undefined && partner !== each) as SourceTable[];
  return [...new Set(others)].slice(0, PARTNERS);
}

function nameOf({ source }: SourceTable, { schema, name }: Pick<CatalogTable, 'schema' | 'name'>): string {
  return JSON.stringify([source, schema, name]);
}
