import { isRunEnd, type RunEvent } from '@planyard/contracts';
import { type Engine, isSame, numberOf, type SeenEvent } from '@planyard/engine';
import { type Executor, findAnswerStart, findRun, readEvents } from '@planyard/store';

export interface RunEventsDeps {
  db: Executor;
  engine: Pick<Engine, 'followEvents'>;
}

const pageSize = 500;
/** Between two looks at a run that neither Redis nor the archive has the end of: the reconciler is rebuilding it. */
const pauseMs = 500;

/**
 * Events of a run after `after` until its end: as they happen while Redis holds the run, else from the archive. Where the
 * run does not know that event, or no longer, as Redis has lost it and it was numbered anew, it is told from its start. Who
 * has seen a part of an answer that the archive keeps as one is told that answer anew, from its `answer.started`.
 */
export async function* runEvents(
  deps: RunEventsDeps,
  run: { tenant: string; id: string },
  after: SeenEvent,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  let seen = after;
  while (!signal.aborted) {
    for await (const event of deps.engine.followEvents(run.id, seen, signal)) {
      seen = event;
      yield event;
      if (isRunEnd(event.type)) return;
    }
    if (signal.aborted) return;
    const stored = await findRun(deps.db, run.tenant, run.id);
    if (!stored) return;
    if (stored.ended_at !== null) {
      yield* archivedEvents(deps.db, run, seen);
      return;
    }
    await pause(pauseMs, signal);
  }
}

async function* archivedEvents(
  db: Executor,
  run: { tenant: string; id: string },
  after: SeenEvent,
): AsyncGenerator<RunEvent> {
  const read = (last: number, limit: number) => readEvents(db, run.tenant, run.id, { after: last, limit });
  let last = numberOf(after);
  // What lies before is told again only where it is the answer.
  let told = 0;
  if (last > 0) {
    // It may be folded into a later one; where there is no later one, or another of its number, it was of another life.
    const [there] = await read(last - 1, 1);
    if (!there || (there.number === last && !isSame(after, there))) last = 0;
    else if (there.number > last && there.type === 'answer.delta') {
      told = last;
      last = ((await findAnswerStart(db, run.tenant, run.id, last)) ?? 1) - 1;
    }
  }
  for (;;) {
    const events = await read(last, pageSize);
    for (const event of events) if (event.number > told || event.type.startsWith('answer.')) yield event;
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
