import type { InventoryCatalog, ToolManifest } from '@planyard/contracts';
import type { Engine, WorkerStanding } from '@planyard/engine';
import type { Logger } from '@planyard/runtime';
import { catalog, type Executor, inventoryVersions } from '@planyard/store';

export interface PublishDeps {
  engine: Pick<Engine, 'publishTools' | 'withdrawTools' | 'publishCatalog'>;
  db: Executor;
  log: Logger;
  worker: string;
  manifests: ToolManifest[];
  /** As it is when asked. */
  standing?: () => WorkerStanding;
  everyMs?: number;
  leaseMs?: number;
}

/**
 * Offers this worker's tools and the catalogs of all tenants to the planner, as leases that it renews: a worker that
 * dies is not offered for long. A catalog is read again when its inventory has changed. `close` withdraws the tools.
 */
export async function publishOffers(deps: PublishDeps): Promise<{ close(): Promise<void> }> {
  const { engine, worker, manifests, log, everyMs = 3_000, leaseMs = 15_000 } = deps;
  const catalogs = createCatalogs(deps, leaseMs);
  let publishing: Promise<void> = Promise.resolve();

  async function publish(): Promise<void> {
    try {
      await engine.publishTools(worker, manifests, leaseMs, deps.standing?.());
      await catalogs.publish();
    } catch (error) {
      log.warn({ err: error }, 'tools and catalogs were not published; they will be again');
    }
  }

  await publish();
  const timer = setInterval(() => {
    publishing = publishing.then(publish);
  }, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await publishing;
      await engine.withdrawTools(worker);
    },
  };
}

function createCatalogs({ engine, db }: PublishDeps, leaseMs: number) {
  const known = new Map<string, { version: string; catalog: InventoryCatalog | null; renewAt: number }>();
  return {
    async publish(): Promise<void> {
      for (const { tenant, version } of await inventoryVersions(db)) {
        const before = known.get(tenant);
        const changed = before?.version !== version;
        if (!changed && before.renewAt > Date.now()) continue;
        const found = changed ? await catalog(db, tenant) : before.catalog;
        if (found) await engine.publishCatalog(tenant, found, leaseMs * 4);
        known.set(tenant, { version, catalog: found, renewAt: Date.now() + leaseMs * 2 });
      }
    },
  };
}
