import { PlanyardError, type RunRecord } from '@planyard/contracts';
import type { Engine } from '@planyard/engine';
import type { Logger } from '@planyard/runtime';
import { bumpIncarnation, type Executor, listOpenRuns } from '@planyard/store';
import type { ResultsMetrics } from './results-metrics.ts';

export interface RebuildRunsDeps {
  db: Executor;
  engine: Pick<Engine, 'missingRuns' | 'submitRun'>;
  log: Logger;
  metrics: Pick<ResultsMetrics, 'repaired' | 'repairFailed'>;
  now: () => number;
}

const PAGE = 500;
/** A run that was just committed, by the gateway or by another process that rebuilds it, is on its way to Redis. */
const GRACE_MS = 10_000;

/**
 * Submits again the runs that Postgres holds as open and Redis does not know: it has lost its data, or the gateway died
 * between its two writes. Each starts over under its next incarnation; of several processes that try, one gets it. One
 * that cannot be submitted keeps no other from it.
 */
export async function rebuildRuns({ db, engine, log, metrics, now }: RebuildRunsDeps): Promise<void> {
  const olderThan = new Date(now() - GRACE_MS);
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
      try {
        await engine.submitRun(run);
        metrics.repaired('run_lost', 1);
      } catch (error) {
        // A Redis that is away or full is no fault of this run.
        if (!(error instanceof PlanyardError) || error.code !== 'internal') throw error;
        log.error({ err: error, run_id, request_id: run.request_id }, 'a lost run cannot be submitted');
        metrics.repairFailed();
      }
    }
    after = open.length === PAGE ? open.at(-1) : undefined;
  } while (after);
}
