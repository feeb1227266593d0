import { createHash } from 'node:crypto';
import { InventoryCatalog, type ToolManifest, ToolManifest as ToolManifestSchema } from '@planyard/contracts';
import { z } from 'zod';
import type { OfferedTools, WorkerStanding } from './api.ts';
import { type EngineContext, toEngineError } from './context.ts';
import { figuresOf, MeasuredFigures, OwnFigures } from './tool-figures.ts';

/*
 * What workers offer, as leases in Redis: a hash of `worker → {until, version, …}`, and for each version the manifests,
 * which many workers share and readers keep. Times are those of the publisher, compared by the reader: a clock that is
 * off by less than the lease does no harm. A worker's running figures travel with its lease.
 */

const Offer = z.object({
  until: z.number(),
  /** Hash of the manifests. */
  version: z.string(),
  running: z.int(),
  places: z.int(),
  /** Steps that wait in each queue, as this worker saw it. */
  waiting: z.record(z.string(), z.int()),
  figures: z.record(z.string(), OwnFigures),
  before: z.record(z.string(), MeasuredFigures),
});
export type Offer = z.infer<typeof Offer>;
const Published = z.object({ until: z.number(), catalog: InventoryCatalog });
/** Manifests outlive the offers that name them by this much. */
const SPARE_MS = 60_000;

export interface ToolCatalogue {
  publish(worker: string, manifests: ToolManifest[], ttlMs: number, standing?: WorkerStanding): Promise<void>;
  withdraw(worker: string): Promise<void>;
  offered(): Promise<OfferedTools>;
}

export function createToolCatalogue(context: EngineContext): ToolCatalogue {
  const { redis, keys } = context;
  /** Versions in use, parsed. */
  let known = new Map<string, ToolManifest[]>();
  /** The tools of these versions, joined. */
  let joined: { versions: string; tools: ToolManifest[] } | null = null;
  let published: { manifests: ToolManifest[]; version: string; text: string } | null = null;

  async function readVersion(version: string): Promise<ToolManifest[] | null> {
    const text = await redis.get(keys.toolManifests(version));
    return text === null ? null : z.array(ToolManifestSchema).parse(JSON.parse(text));
  }

  async function readOffers(): Promise<Offer[]> {
    const offers: Offer[] = [];
    const gone: string[] = [];
    for (const [worker, text] of Object.entries(await redis.hgetall(keys.tools()))) {
      const offer = Offer.safeParse(JSON.parse(text));
      if (!offer.success || offer.data.until < Date.now()) gone.push(worker);
      else offers.push(offer.data);
    }
    if (gone.length > 0) await redis.hdel(keys.tools(), ...gone);
    return offers;
  }

  async function waitingIn(manifests: ToolManifest[]): Promise<Record<string, number>> {
    const waiting: Record<string, number> = {};
    const names = new Set(manifests.map(({ class: toolClass }) => `tool-${toolClass}`));
    await Promise.all(
      context.queues
        .all()
        .filter(({ name }) => names.has(name))
        .map(async (queue) => {
          const counts = await queue.getJobCounts('waiting', 'prioritized');
          const sum = Object.values(counts).reduce((all, count) => all + count, 0);
          waiting[queue.name] = (waiting[queue.name] ?? 0) + sum;
        }),
    );
    return waiting;
  }

  return {
    async publish(worker, manifests, ttlMs, standing = { running: 0, places: 1, figures: {}, before: {} }) {
      if (published?.manifests !== manifests) {
        const text = JSON.stringify(manifests);
        published = {
          manifests,
          text,
          version: createHash('sha256').update(text).digest('hex').slice(0, 32),
        };
      }
      const { version, text } = published;
      try {
        const key = keys.toolManifests(version);
        const [kept, waiting] = await Promise.all([
          redis.pexpire(key, ttlMs + SPARE_MS),
          waitingIn(manifests),
        ]);
        if (kept === 0) await redis.set(key, text, 'PX', ttlMs + SPARE_MS);
        const offer: Offer = { until: Date.now() + ttlMs, version, waiting, ...standing };
        await redis.hset(keys.tools(), worker, JSON.stringify(offer));
      } catch (error) {
        throw toEngineError(error);
      }
    },
    withdraw: async (worker) => void (await redis.hdel(keys.tools(), worker).catch(rethrow)),
    async offered() {
      try {
        const offers = await readOffers();
        const versions = [...new Set(offers.map(({ version }) => version))].sort();
        const read = await Promise.all(
          versions.map(
            async (version) => [version, known.get(version) ?? (await readVersion(version))] as const,
          ),
        );
        known = new Map(read.filter((each): each is [string, ToolManifest[]] => each[1] !== null));
        const name = [...known.keys()].join();
        // The same array while nothing has changed: what readers make of a catalogue they make once.
        if (joined?.versions !== name) joined = { versions: name, tools: joinTools(known) };
        const { tools } = joined;
        return { tools, figures: figuresOf(tools, offers, known) };
      } catch (error) {
        throw toEngineError(error);
      }
    },
  };
}

function joinTools(versions: ReadonlyMap<string, ToolManifest[]>): ToolManifest[] {
  const byName = new Map([...versions.values()].flat().map((manifest) => [manifest.name, manifest]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function publishCatalog(
  context: EngineContext,
  tenant: string,
  catalog: InventoryCatalog,
  ttlMs: number,
): Promise<void> {
  const text = JSON.stringify({ until: Date.now() + ttlMs, catalog });
  await context.redis.hset(context.keys.catalogs(tenant), catalog.source, text).catch(rethrow);
}

export async function listCatalogs(context: EngineContext, tenant: string): Promise<InventoryCatalog[]> {
  const fields = await context.redis.hgetall(context.keys.catalogs(tenant)).catch(rethrow);
  return Object.values(fields)
    .map((text) => Published.parse(JSON.parse(text)))
    .filter((published) => published.until >= Date.now())
    .map((published) => published.catalog);
}

function rethrow(error: unknown): never {
  throw toEngineError(error);
}
