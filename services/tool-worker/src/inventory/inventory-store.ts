import { type Executor, inventoryVersion } from '@planyard/store';

/** The data, and whose of it tools may see. */
export interface InventoryStore {
  db: Executor;
  /** Every query filters by it. */
  tenant: string;
  /** What "now" is to named time ranges. */
  now: Date;
}

/** Results are kept for five minutes, and not past an import. */
export const INVENTORY_CACHE = {
  ttl_s: 300,
  version: ({ db, tenant }: InventoryStore) => inventoryVersion(db, tenant),
};
