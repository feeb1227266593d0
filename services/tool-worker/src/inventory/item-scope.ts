import { type RawBuilder, sql } from 'kysely';
import { findSomeItems } from './find-items.ts';
import type { InventoryStore } from './inventory-store.ts';
import { ItemRefs, listOf } from './item.ts';
import { ITEM_FILTER, type ItemFilter, whereItems } from './item-filter.ts';

/** Which items a call is about: the named ones, those that pass the filter, or both together. Without either: all. */
export const ITEM_SCOPE = {
  ci_ids: ItemRefs.optional().describe('Ids, codes or exact names of items; an empty list means none'),
  ...ITEM_FILTER,
};

export interface ItemScope {
  /** Condition on the alias `i` (items). */
  where: RawBuilder<boolean>;
  /** Names that no item has, where others were found. */
  unknown: string[];
  /** null: the items were not named. */
  ids: string[] | null;
}

export async function scopeItems(
  store: InventoryStore,
  input: ItemFilter & { ci_ids?: string | string[] | undefined },
): Promise<ItemScope> {
  const filter = whereItems(store.tenant, input);
  if (input.ci_ids === undefined) return { where: filter, unknown: [], ids: null };
  const { items, unknown } = await findSomeItems(store, listOf(input.ci_ids), 'ci_ids');
  const ids = items.map((item) => item.id);
  return { where: sql<boolean>`${filter} and i.id = any(${ids}::text[])`, unknown, ids };
}
