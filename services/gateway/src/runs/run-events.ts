import { isRunEnd, type RunEvent } from '@planyard/contracts';
import type { Engine } from '@planyard/engine';
import { type Executor, findRun, readEvents } from '@planyard/store';

export interface RunEventsDeps {
  db: Executor;
  engine: Pick<Engine, 'followEvents' | 'readRun'>;
}

const pageSize = 500;
/** Between two looks at a run that neither Redis nor the archive has the end of: the reconciler is rebuilding it. */
const pauseMs = 500;

/**
 * Events of a run above `after` until its end: as they happen while Redis holds the run, else from the archive. A run that
 * Redis loses meanwhile is rebuilt and numbered anew: its new life is told from its start.
 */
export async function* runEvents(
  deps: RunEventsDeps,
  run: { tenant: string; id: string },
  after: number,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  let last = after;
  let incarnation: number | undefined;
  while (!signal.aborted) {
    const state = await deps.engine.readRun(run.id);
    if (state) {
      if ((incarnation ?? state.incarnation) !== state.incarnation || last > state.last_event) last = 0;
      incarnation = state.incarnation;
      for await (const event of deps.engine.followEvents(run.id, last, signal)) {
        if (event.number <= last) continue;
        last = event.number;
        yield event;
        if (isRunEnd(event.type)) return;
      }
      if (signal.aborted) return;
    }
    const stored = await findRun(deps.db, run.tenant, run.id);
    if (!stored) return;
    if (stored.ended_at !== null) {
      yield* archivedEvents(deps.db, run, last);
      return;
    }
    await pause(pauseMs, signal);
  }
}

async function* archivedEvents(
  db: Executor,
  run: { tenant: string; id: string },
  after: number,
): AsyncGenerator<RunEvent> {
  let last = after;
  for (;;) {
    const events = await readEvents(db, run.tenant, run.id, { after: last, limit: pageSize });
    yield* events;
    if (events.length < pageSize) return;
    last = (events.at(-1) as RunEvent).number;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
