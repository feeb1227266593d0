import type { SourceTable } from './table-index.ts';

/** A context plan's note has room for other things too. */
const MOST_CHARS = 1_000;

/** The columns of tables that are marked as sensitive: `shop: people.patients (email, token)`; the first tables as far as there is room. */
export function privacyOf(tables: readonly SourceTable[]): string {
  let told = '';
  for (const { source, table } of tables) {
    const columns = table.columns.filter(({ sensitive }) => sensitive).map(({ name }) => name);
    if (columns.length === 0) continue;
    const next = `${source}: ${table.schema}.${table.name} (${columns.join(', ')})`;
    const longer = told === '' ? next : `${told}; ${next}`;
    if (longer.length > MOST_CHARS) return `${told}; …`;
    told = longer;
  }
  return told;
}
