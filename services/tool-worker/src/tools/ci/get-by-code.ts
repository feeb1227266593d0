import { defineTool, type ToolContext } from '@planyard/sdk';
import { z } from 'zod';
import { findItem } from '../../inventory/find-items.ts';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { ItemRef, itemRecords } from '../../inventory/item.ts';
import { ItemDetails, readItem } from '../../inventory/read-item.ts';

export const tool = defineTool({
  name: 'ci.get_by_code',
  description:
    'Everything about the configuration item with this code (such as "db-01"): type, owner, environment, status, description, attributes and direct relations.',
  input: z.strictObject({ code: ItemRef.describe("The item's code; its id or exact name are taken too") }),
  output: ItemDetails,
  effects: 'read',
  idempotent: true,
  timeout_ms: 5_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.99, complexity: 'very_low' },
  count: () => 1,
  records: ({ item }) => itemRecords([item]),
  async execute({ code }, { store }: ToolContext<InventoryStore>) {
    return readItem(store, await findItem(store, code, 'code'));
  },
});
