import { defineTool, type ToolContext } from '@planyard/sdk';
import { z } from 'zod';
import { findItem } from '../../inventory/find-items.ts';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { ItemRef, itemRecords } from '../../inventory/item.ts';
import { ItemDetails, readItem } from '../../inventory/read-item.ts';

export const tool = defineTool({
  name: 'ci.get',
  description:
    'Everything about one configuration item: type, owner, environment, status, description, attributes and direct relations.',
  input: z.strictObject({ id: ItemRef }),
  output: ItemDetails,
  effects: 'read',
  idempotent: true,
  timeout_ms: 5_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.99, complexity: 'very_low' },
  count: () => 1,
  records: ({ item }) => itemRecords([item]),
  async execute({ id }, { store }: ToolContext<InventoryStore>) {
    return readItem(store, await findItem(store, id, 'id'));
  },
});
