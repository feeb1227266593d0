import type { Catalog, InventoryCatalog } from '@planyard/contracts';
import { catalog, type Executor, INVENTORY_SOURCE, inventoryVersion } from '@planyard/store';

/** Tenants whose catalog is kept. */
const KEPT = 200;

/** Reads inventories' catalogs, again only when an import has changed one: a question asked right after it sees the new names. */
export function createCatalogCache(db: Executor) {
  const kept = new Map<string, { version: string; catalog: Promise<InventoryCatalog | null> }>();
  return async (tenant: string): Promise<InventoryCatalog | null> => {
    const version = await inventoryVersion(db, tenant);
    const known = kept.get(tenant);
    if (known?.version === version) return known.catalog;
    const read = catalog(db, tenant);
    kept.delete(tenant);
    kept.set(tenant, { version, catalog: read });
    read.catch(() => kept.delete(tenant));
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return read;
  };
}

/** Catalogs of all sources: the inventory as it is now, others as their workers publish them. */
export function joinCatalogs(inventory: InventoryCatalog | null, published: Catalog[]): Catalog[] {
  const others = published.filter((each) => each.source !== INVENTORY_SOURCE);
  return inventory ? [inventory, ...others] : others;
}
