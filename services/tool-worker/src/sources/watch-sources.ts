import type { Engine } from '@planyard/engine';
import type { HealthCheck, Logger } from '@planyard/runtime';
import type { FollowedConfig } from '../follow-config.ts';
import { createSourceKeeper, type SourceKeeper } from './source-keeper.ts';

export interface WatchSourcesDeps {
  engine: Pick<Engine, 'sources'>;
  followed: Pick<FollowedConfig, 'sources' | 'fault'>;
  worker: string;
  log: Logger;
  checkMs: number;
  readMs: number;
  /** Between two looks at what is due. */
  everyMs?: number;
  now?: () => number;
}

export interface WatchedSources {
  check: HealthCheck;
  close(): Promise<void>;
}

/** Who reads a source says so at least this often. */
const CLAIM_MS = 10_000;
/** Longer than the slowest reading: it is renewed between two. */
const LEASE_MS = 180_000;

/** Reads the catalogs of the configured sources and tells them to the planner: one worker reads a source at a time. */
export function watchSources(deps: WatchSourcesDeps): WatchedSources {
  const { engine, followed, worker, log, everyMs = 1_000, now = Date.now } = deps;
  const { sources } = engine;
  const keepers = new Map<string, { keeper: SourceKeeper; work: Promise<void>; idle: boolean }>();
  const keeperDeps = { ...deps, sources, now, leaseMs: LEASE_MS };
  let ticking: Promise<void> = Promise.resolve();
  let idle = true;
  let closed = false;

  async function tick(): Promise<void> {
    const configured = followed.sources();
    const names = new Set(configured.map(({ name }) => name));
    for (const name of keepers.keys()) if (!names.has(name)) await forget(name);
    if (configured.length === 0) return;
    const wishes = await sources.wishes();
    for (const each of configured) {
      const { name } = each;
      if (!(await sources.claim(name, worker, CLAIM_MS))) {
        await letGo(name);
        continue;
      }
      const known = keepers.get(name) ?? {
        keeper: createSourceKeeper(name, keeperDeps),
        work: Promise.resolve(),
        idle: true,
      };
      keepers.set(name, known);
      // A reading may take long: the claim is renewed meanwhile, and other sources are looked at.
      if (!known.idle) continue;
      known.idle = false;
      known.work = known.keeper
        .step(each, wishes[name] ?? 0)
        .catch((error) =>
          log.warn({ err: error, source: name }, 'a catalog was not published; it will be again'),
        )
        .finally(() => {
          known.idle = true;
        });
    }
  }

  async function letGo(name: string): Promise<void> {
    const known = keepers.get(name);
    keepers.delete(name);
    await known?.work;
    await known?.keeper.close();
  }

  /** It is configured no more. */
  async function forget(name: string): Promise<void> {
    await letGo(name);
    await sources.withdraw(name);
    await sources.release(name, worker);
    log.info({ source: name }, 'a source is configured no more');
  }

  const timer = setInterval(() => {
    if (!idle || closed) return;
    idle = false;
    ticking = tick()
      .catch((error) => log.warn({ err: error }, 'data sources were not looked at; they will be'))
      .finally(() => {
        idle = true;
      });
  }, everyMs);

  return {
    check: {
      name: 'sources',
      advisory: true,
      async check() {
        const states = await sources.list(null);
        const faults = states.flatMap(({ source, fault }) => (fault === null ? [] : [`${source}: ${fault}`]));
        const broken = followed.fault();
        if (broken !== null) faults.unshift(broken);
        if (faults.length > 0) throw new Error(faults.join('; '));
      },
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await ticking;
      for (const name of [...keepers.keys()]) {
        await letGo(name);
        await sources
          .release(name, worker)
          .catch((error) => log.warn({ err: error }, 'a source was not let go'));
      }
    },
  };
}
