import type { RunRecord } from '@planyard/contracts';
import type { Engine } from '@planyard/engine';
import type { Logger } from '@planyard/runtime';
import { bumpIncarnation, type Executor, listOpenRuns } from '@planyard/store';

export interface RebuildRunsDeps {
  db: Executor;
  engine: Pick<Engine, 'missingRuns' | 'submitRun'>;
  log: Logger;
  now: () => number;
}

const PAGE = 500;
/** A run that was just committed, by the gateway or by another process that rebuilds it, is on its way to Redis. */
const GRACE_MS = 10_000;

/**
 * Submits again the runs that Postgres holds as open and Redis does not know: it has lost its data, or the gateway died
 * between its two writes. Each starts over under its next incarnation; of several processes that try, one gets it.
 */
export async function rebuildRuns({ db, engine, log, now }: RebuildRunsDeps): Promise<number> {
  const olderThan = new Date(now() - GRACE_MS);
  let rebuilt = 0;
  let after: RunRecord | undefined;
  do {
    const open = await listOpenRuns(db, { olderThan, limit: PAGE, after });
    const missing = await engine.missingRuns(
      open.map((run) => ({ run_id: run.id, incarnation: run.incarnation })),
    );
    for (const { run_id, incarnation } of missing) {
      const run = await bumpIncarnation(db, { id: run_id, from: incarnation, now: new Date(now()) });
      if (run === null) continue;
      log.warn({ run_id, incarnation: run.incarnation, request_id: run.request_id }, 'a lost run is rebuilt');
      await engine.submitRun(run);
      rebuilt += 1;
    }
    after = open.length === PAGE ? open.at(-1) : undefined;
  } while (after);
  return rebuilt;
}
