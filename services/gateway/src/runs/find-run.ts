import { PlanyardError, type RunResponse } from '@planyard/contracts';
import type { Engine } from '@planyard/engine';
import { type Executor, findRun, type StoredRun } from '@planyard/store';
import { openRunResponse } from './open-run-response.ts';

export interface FindRunDeps {
  db: Executor;
  engine: Pick<Engine, 'readRun' | 'readSteps'>;
  now: () => number;
}

/** The run as Postgres has it. Throws `not_found` for a run of another tenant, as for one that never was. */
export async function requireRun(db: Executor, tenant: string, id: string): Promise<StoredRun> {
  const run = await findRun(db, tenant, id);
  if (!run) throw new PlanyardError('not_found', `There is no run ${id}`);
  return run;
}

/** A run as its caller sees it now: the archived response, or what Redis holds of an open one. */
export async function readRunResponse(deps: FindRunDeps, tenant: string, id: string): Promise<RunResponse> {
  const stored = await requireRun(deps.db, tenant, id);
  if (stored.response) return stored.response;
  const [state, steps] = await Promise.all([deps.engine.readRun(id), deps.engine.readSteps(id)]);
  if (state && state.incarnation === stored.record.incarnation)
    return openRunResponse(stored.record, state, steps, deps.now());
  // It ended between the two reads, or Redis has lost it and the reconciler will rebuild it.
  const again = await requireRun(deps.db, tenant, id);
  return again.response ?? openRunResponse(again.record, null, [], deps.now());
}
