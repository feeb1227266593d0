import { type CatalogTable, canonicalJson, type Json, type SourceState } from '@planyard/contracts';
import type { Engine } from '@planyard/engine';
import type { Logger } from '@planyard/runtime';
import type { ConfiguredSource } from '../follow-config.ts';
import { type OpenSource, openSource } from './open-source.ts';
import { readCatalog } from './read-catalog.ts';
import { fingerprint } from './read-tables.ts';
import { withoutSensitive } from './sensitive.ts';
import { describeFault, tellError } from './source-fault.ts';

export interface KeeperDeps {
  sources: Pick<Engine['sources'], 'last' | 'tables' | 'store' | 'publish'>;
  log: Logger;
  now: () => number;
  /** Between two looks at whether the source has changed. */
  checkMs: number;
  /** Between two readings of the whole. */
  readMs: number;
  /** How long others are told what was published. */
  leaseMs: number;
}

/** Keeps the catalog of one source, while this worker is the one that reads it. */
export interface SourceKeeper {
  /** Does what is due: `wish` is the newest time at which somebody wanted it read. */
  step(configured: ConfiguredSource, wish: number): Promise<void>;
  close(): Promise<void>;
}

export function createSourceKeeper(name: string, deps: KeeperDeps): SourceKeeper {
  const { sources, log, now } = deps;
  let configured: ConfiguredSource | null = null;
  let open: OpenSource | null = null;
  let state: SourceState | null = null;
  let print: string | null = null;
  let lookedAt = 0;
  let readAt = 0;
  let publishedAt = 0;

  async function publish(next: SourceState): Promise<void> {
    await sources.publish(next, deps.leaseMs, state?.version ?? null);
    if (next.fault !== null && next.fault !== state?.fault)
      log.warn({ source: name, why: next.fault }, 'the catalog of a source is out of date');
    else if (next.fault === null && state?.fault) log.info({ source: name }, 'the source is read again');
    state = next;
    publishedAt = now();
  }

  /** Goes on with what is known, from here or from the worker before, less what the configuration does not let out. */
  async function adopt({ config }: ConfiguredSource): Promise<void> {
    const before = state ?? (await sources.last(name));
    const tables = before?.version ? await sources.tables(before.version) : null;
    const kept = tables && withoutSensitive(tables, config);
    const known = kept ? await describe(kept) : { version: null, tables: 0, columns: 0 };
    state = before;
    await publish({
      ...(before ?? { read_at: null, checked_at: null, refreshed_for: 0 }),
      fault: before?.fault ?? null,
      source: name,
      tenants: config.tenants,
      schemas: config.schemas,
      ...known,
      ...(kept ? {} : { read_at: null }),
    });
  }

  async function describe(tables: readonly CatalogTable[]) {
    return {
      version: await sources.store(name, tables),
      tables: tables.length,
      columns: tables.reduce((sum, { columns }) => sum + columns.length, 0),
    };
  }

  async function reconfigure(next: ConfiguredSource): Promise<void> {
    await open?.close();
    open = null;
    print = null;
    lookedAt = 0;
    readAt = 0;
    await adopt(next);
    configured = next;
  }

  async function look(current: ConfiguredSource, wish: number, whole: boolean): Promise<void> {
    if (state === null) return;
    lookedAt = now();
    try {
      if (current.url === null) throw new SecretMissing(current.fault ?? '');
      open ??= openSource(current.url);
      const { config } = current;
      const found = await open.readOnly(config.timeout_ms, (query) => fingerprint(query, config.schemas));
      const at = new Date(now()).toISOString();
      if (!whole && found === print) {
        if (state.fault !== null) await publish({ ...state, fault: null, checked_at: at });
        else state = { ...state, checked_at: at };
        return;
      }
      const tables = await readCatalog(open, config, log);
      const known = await describe(tables);
      await publish({ ...state, ...known, read_at: at, checked_at: at, fault: null, refreshed_for: wish });
      print = found;
      readAt = now();
      log.info(
        { source: name, tables: known.tables, columns: known.columns },
        'the catalog of a source was read',
      );
    } catch (error) {
      const fault = error instanceof SecretMissing ? error.message : describeFault(error);
      if (fault !== state.fault)
        log.warn({ source: name, error: tellError(error, current.url) }, 'a source could not be read');
      await publish({ ...state, fault, refreshed_for: wish });
    }
  }

  return {
    async step(next, wish) {
      if (configured === null || !sameSource(configured, next)) await reconfigure(next);
      const wished = wish > (state?.refreshed_for ?? 0);
      const old = now() - readAt >= deps.readMs && now() - lookedAt >= deps.checkMs;
      const newest = Math.max(wish, state?.refreshed_for ?? 0);
      if (wished || readAt === 0 ? wished || now() - lookedAt >= deps.checkMs : old)
        await look(next, newest, true);
      else if (now() - lookedAt >= deps.checkMs) await look(next, newest, false);
      if (state !== null && now() - publishedAt >= deps.leaseMs / 3) await publish(state);
    },
    async close() {
      await open?.close();
      open = null;
    },
  };
}

/** Where its url is kept there is none: what is told of it names no file and no variable. */
class SecretMissing extends Error {
  constructor(cause: string) {
    super('its url is not to be had where planyard.yaml says', { cause });
    this.name = 'SecretMissing';
    this.stack = `${this.message}: ${cause}`;
  }
}

function sameSource(a: ConfiguredSource, b: ConfiguredSource): boolean {
  return a === b || (a.url === b.url && canonicalJson(a.config as Json) === canonicalJson(b.config as Json));
}
