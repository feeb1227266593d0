import type { CitedRecord } from '@planyard/contracts';
import { z } from 'zod';

/** How a step names an item. */
export const ItemRef = z.string().min(1).max(200).describe("An item's id, code or exact name");

/** One item or many. An empty list means none, not all. */
export const ItemRefs = z
  .union([z.array(ItemRef).max(10_000), ItemRef])
  .describe('Ids, codes or exact names of items');

export const Item = z.object({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  type: z.string(),
  owner: z.string().nullable(),
  environment: z.string().nullable(),
  status: z.string(),
});
export type Item = z.infer<typeof Item>;

/** Enough of an item to know it and to refer to it. */
export const ItemName = Item.pick({ id: true, code: true, name: true, type: true });
export type ItemName = z.infer<typeof ItemName>;

export function listOf<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}

/** An answer cites no more of one result than a reader looks at. */
const CITED = 50;

export function itemRecords(items: readonly { id: string; code: string; name: string }[]): CitedRecord[] {
  return items.slice(0, CITED).map((item) => ({
    type: 'item',
    id: item.id,
    title: item.name === item.code ? item.code : `${item.name} (${item.code})`,
  }));
}
