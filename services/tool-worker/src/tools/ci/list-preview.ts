import { defineTool, type ToolContext } from '@planyard/sdk';
import { sql } from 'kysely';
import { z } from 'zod';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { Item, itemRecords } from '../../inventory/item.ts';
import { ITEM_FILTER, whereItems } from '../../inventory/item-filter.ts';

export const tool = defineTool({
  name: 'ci.list_preview',
  description:
    'Lists configuration items by code, a page at a time, filtered by type, owner, environment, status or attributes; tells how many there are in all.',
  input: z.strictObject({
    ...ITEM_FILTER,
    page: z.int().min(1).max(100_000).default(1),
    page_size: z.int().min(1).max(500).default(50),
  }),
  output: z.object({
    items: z.array(Item),
    total: z.int(),
    page: z.int(),
    next_page: z.int().nullable(),
  }),
  effects: 'read',
  idempotent: true,
  timeout_ms: 10_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.9, complexity: 'very_low' },
  count: (output) => output.total,
  records: (output) => itemRecords(output.items),
  async execute({ page, page_size, ...filter }, { store }: ToolContext<InventoryStore>) {
    const where = whereItems(store.tenant, filter);
    const counted = await sql<{ total: number }>`
      select count(*)::int as total from items i where ${where}`.execute(store.db);
    const { rows } = await sql<Item>`
      select id, code, name, type, owner, environment, status from items i where ${where}
      order by code limit ${page_size} offset ${(page - 1) * page_size}`.execute(store.db);
    const total = counted.rows[0]?.total ?? 0;
    return { items: rows, total, page, next_page: page * page_size < total ? page + 1 : null };
  },
});
