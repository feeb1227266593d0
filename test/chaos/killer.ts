import { setTimeout as wait } from 'node:timers/promises';
import { integer, pick, type Random } from './random.ts';
import type { RunningServices, ServiceName } from './services.ts';

export interface Victims {
  services: RunningServices;
  /** Ends Redis as a crash would and starts it again on its data. */
  crashRedis: () => Promise<void>;
  /** null where Postgres is not ours to kill. */
  crashPostgres: (() => Promise<void>) | null;
}

/** A gateway holds no lease: frozen, it is only slow. */
const FROZEN = ['tool-worker', 'tool-worker', 'planner', 'results'] as const;
const SERVICES = [
  'tool-worker',
  'tool-worker',
  'tool-worker',
  'planner',
  'planner',
  'results',
  'gateway',
] as const;

/** Kills something at random moments, `kills` times in all, or freezes it for a while in that share of them; resolves with what happened how often. */
export async function killAround(
  random: Random,
  {
    kills,
    freezes,
    pauseMs,
    signal,
  }: { kills: number; freezes: number; pauseMs: [number, number]; signal: AbortSignal },
  victims: Victims,
): Promise<Record<string, number>> {
  const done: Record<string, number> = {};
  for (let kill = 0; kill < kills; kill += 1) {
    await wait(integer(random, ...pauseMs), undefined, { signal });
    const what = random() < freezes ? freezeOne(random, victims) : await killOne(random, victims);
    done[what] = (done[what] ?? 0) + 1;
  }
  return done;
}

async function killOne(random: Random, { services, crashRedis, crashPostgres }: Victims): Promise<string> {
  const dice = random();
  if (dice < 0.1) {
    await crashRedis();
    return 'redis';
  }
  if (dice < 0.2 && crashPostgres) {
    await crashPostgres();
    return 'postgres';
  }
  const service: ServiceName = pick(random, SERVICES);
  const index = integer(random, 0, services.count(service) - 1);
  services.kill(service, index);
  return service;
}

/** Long enough for its leases to run out and its work to be under way elsewhere when it wakes. */
function freezeOne(random: Random, { services }: Victims): string {
  const service: ServiceName = pick(random, FROZEN);
  services.freeze(service, integer(random, 0, services.count(service) - 1), 7_000);
  return `${service}, frozen for 7 s`;
}
