import { Catalog, ToolManifest } from '@planyard/contracts';
import { z } from 'zod';
import { type EngineContext, toEngineError } from './context.ts';

/*
 * What workers offer, as leases in Redis: a hash of `worker → {manifests, until}`. Times are those of the publisher,
 * compared by the reader: a clock that is off by less than the lease does no harm.
 */

const Offer = z.object({ until: z.number(), manifests: z.array(ToolManifest) });
const Published = z.object({ until: z.number(), catalog: Catalog });

export async function publishTools(
  context: EngineContext,
  worker: string,
  manifests: ToolManifest[],
  ttlMs: number,
): Promise<void> {
  const offer = JSON.stringify({ until: Date.now() + ttlMs, manifests });
  await context.redis.hset(context.keys.tools(), worker, offer).catch(rethrow);
}

export async function withdrawTools(context: EngineContext, worker: string): Promise<void> {
  await context.redis.hdel(context.keys.tools(), worker).catch(rethrow);
}

/** The tools that a live worker serves, by name. Offers that have run out are removed on the way. */
export async function listTools(context: EngineContext): Promise<ToolManifest[]> {
  const key = context.keys.tools();
  const tools = new Map<string, ToolManifest>();
  const gone: string[] = [];
  for (const [worker, text] of Object.entries(await context.redis.hgetall(key).catch(rethrow))) {
    const offer = Offer.parse(JSON.parse(text));
    if (offer.until < Date.now()) gone.push(worker);
    else for (const manifest of offer.manifests) tools.set(manifest.name, manifest);
  }
  if (gone.length > 0) await context.redis.hdel(key, ...gone).catch(rethrow);
  return [...tools.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function publishCatalog(
  context: EngineContext,
  tenant: string,
  catalog: Catalog,
  ttlMs: number,
): Promise<void> {
  const text = JSON.stringify({ until: Date.now() + ttlMs, catalog });
  await context.redis.hset(context.keys.catalogs(tenant), catalog.source, text).catch(rethrow);
}

export async function listCatalogs(context: EngineContext, tenant: string): Promise<Catalog[]> {
  const fields = await context.redis.hgetall(context.keys.catalogs(tenant)).catch(rethrow);
  return Object.values(fields)
    .map((text) => Published.parse(JSON.parse(text)))
    .filter((published) => published.until >= Date.now())
    .map((published) => published.catalog);
}

function rethrow(error: unknown): never {
  throw toEngineError(error);
}
