import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { CatalogTable, SourceState, type TableCatalog } from '@planyard/contracts';
import { z } from 'zod';
import { type EngineContext, toEngineError } from './context.ts';

/*
 * The catalogs of data sources: a hash of `source → {until, state}`, and for each version the tables in compressed
 * pieces, which readers keep. A thousand tables are 3 MB of text: a piece at a time is read, so that no process stands
 * still for it. A source names the tenants that may see it; who reads for a tenant gets nothing else.
 */

/** Tables in a piece: a millisecond of parsing. */
const PIECE = 25;
/** What lapsed is kept so long, for the worker that goes on with a source that it cannot reach itself. */
const KEPT_MS = 24 * 3_600_000;
/** A source that is read again and again is not waited for. */
const MOST_TRIES = 3;

const Published = z.object({ until: z.number(), state: SourceState });
const compress = promisify(gzip);
const decompress = promisify(gunzip);

export interface SourceCatalogs {
  /** The sources of a tenant that a live worker tells about; of all tenants without one. */
  list(tenant: string | null): Promise<SourceState[]>;
  /** The tables of a version; null where they are gone. The same array each time. */
  tables(version: string): Promise<CatalogTable[] | null>;
  /** Sources that were read, with their tables. */
  catalogs(tenant: string): Promise<TableCatalog[]>;
  /** The last state, of whatever age. */
  last(source: string): Promise<SourceState | null>;
  /** Stores tables and returns their version. */
  store(source: string, tables: readonly CatalogTable[]): Promise<string>;
  /** A lease: it is listed until `ttlMs` have passed. What `replaced` names is forgotten. */
  publish(state: SourceState, ttlMs: number, replaced?: string | null): Promise<void>;
  /** Forgets a source and its tables. */
  withdraw(source: string): Promise<void>;
  /** Whether this worker is the one that reads the source, until `ttlMs` have passed. */
  claim(source: string, worker: string, ttlMs: number): Promise<boolean>;
  release(source: string, worker: string): Promise<void>;
  /** Asks whoever reads these sources to do it now. Answered once `refreshed_for` has come to the wish. */
  wish(sources: string[], now: number): Promise<void>;
  /** The newest wish for each source, in milliseconds since the epoch. */
  wishes(): Promise<Record<string, number>>;
}

export function createSourceCatalogs({ redis, keys }: EngineContext): SourceCatalogs {
  /** Versions in use, parsed. */
  const known = new Map<string, Promise<CatalogTable[] | null>>();

  async function published(): Promise<z.infer<typeof Published>[]> {
    const fields = await redis.hgetall(keys.sources());
    return Object.values(fields).flatMap((text) => Published.safeParse(JSON.parse(text)).data ?? []);
  }

  async function list(tenant: string | null): Promise<SourceState[]> {
    const live = (await published()).filter(({ until }) => until >= Date.now()).map(({ state }) => state);
    return live
      .filter(({ tenants }) => tenant === null || tenants.includes(tenant))
      .sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  async function readTables(version: string): Promise<CatalogTable[] | null> {
    const pieces = await redis.hgetallBuffer(keys.sourceTables(version));
    const count = Object.keys(pieces).length;
    if (count === 0) return null;
    const tables: CatalogTable[] = [];
    for (let at = 0; at < count; at += 1) {
      const piece = pieces[String(at)];
      if (!piece) return null;
      // Awaited one by one: others' work comes in between.
      const text = await decompress(piece);
      tables.push(...z.array(CatalogTable).parse(JSON.parse(text.toString())));
    }
    return tables;
  }

  function tables(version: string): Promise<CatalogTable[] | null> {
    const reading = known.get(version) ?? readTables(version);
    if (!known.has(version)) {
      known.set(version, reading);
      const forget = () => known.delete(version);
      reading.then((read) => {
        if (read === null) forget();
      }, forget);
    }
    return reading;
  }

  async function catalogs(tenant: string): Promise<TableCatalog[]> {
    for (let tries = 1; ; tries += 1) {
      const inUse = new Set((await published()).map(({ state }) => state.version));
      for (const version of known.keys()) if (!inUse.has(version)) known.delete(version);
      const states = (await list(tenant)).flatMap(({ source, version, read_at, fault }) =>
        version === null || read_at === null ? [] : [{ source, version, read_at, stale: fault !== null }],
      );
      const found = await Promise.all(states.map(({ version }) => tables(version)));
      // What is gone was replaced after its state was read: a plan without the source would know nothing of it.
      if (found.includes(null) && tries < MOST_TRIES) continue;
      return states.flatMap((state, at) => {
        const its = found[at];
        return its ? [{ kind: 'tables' as const, ...state, tables: its }] : [];
      });
    }
  }

  const calls: SourceCatalogs = {
    list,
    tables,
    catalogs,
    async last(source) {
      const text = await redis.hget(keys.sources(), source);
      return text === null ? null : (Published.safeParse(JSON.parse(text)).data?.state ?? null);
    },
    async store(source, all) {
      const hash = createHash('sha256').update(source);
      const pieces: Record<string, Buffer> = {};
      // One more for none: a database without a table has a catalog too.
      for (let from = 0, at = 0; from < Math.max(1, all.length); from += PIECE, at += 1) {
        const text = JSON.stringify(all.slice(from, from + PIECE));
        hash.update(text);
        pieces[String(at)] = await compress(text);
      }
      const version = hash.digest('hex').slice(0, 32);
      const key = keys.sourceTables(version);
      if ((await redis.pexpire(key, KEPT_MS)) === 0)
        await redis.multi().hset(key, pieces).pexpire(key, KEPT_MS).exec();
      return version;
    },
    async publish(state, ttlMs, replaced = null) {
      const text = JSON.stringify({ until: Date.now() + ttlMs, state });
      const change = redis.multi().hset(keys.sources(), state.source, text);
      if (state.version !== null) change.pexpire(keys.sourceTables(state.version), KEPT_MS);
      if (replaced !== null && replaced !== state.version) change.del(keys.sourceTables(replaced));
      await change.exec();
    },
    async withdraw(source) {
      const state = await calls.last(source);
      const change = redis.multi().hdel(keys.sources(), source).hdel(keys.sourceWishes(), source);
      if (state?.version) change.del(keys.sourceTables(state.version));
      await change.exec();
    },
    async claim(source, worker, ttlMs) {
      const key = keys.sourceReader(source);
      if ((await redis.set(key, worker, 'PX', ttlMs, 'NX')) === 'OK') return true;
      return (await redis.get(key)) === worker && (await redis.pexpire(key, ttlMs)) === 1;
    },
    async release(source, worker) {
      const key = keys.sourceReader(source);
      if ((await redis.get(key)) === worker) await redis.del(key);
    },
    async wish(sources, now) {
      const wishes = Object.fromEntries(sources.map((source) => [source, String(now)]));
      if (sources.length > 0) await redis.hset(keys.sourceWishes(), wishes);
    },
    async wishes() {
      const fields = await redis.hgetall(keys.sourceWishes());
      return Object.fromEntries(Object.entries(fields).map(([source, at]) => [source, Number(at)]));
    },
  };
  return withEngineErrors(calls);
}

function withEngineErrors(calls: SourceCatalogs): SourceCatalogs {
  const wrapped = Object.entries(calls).map(([name, call]) => [
    name,
    (...args: unknown[]) =>
      (call as (...args: unknown[]) => Promise<unknown>)(...args).catch((error: unknown) => {
        throw toEngineError(error);
      }),
  ]);
  return Object.fromEntries(wrapped) as SourceCatalogs;
}
