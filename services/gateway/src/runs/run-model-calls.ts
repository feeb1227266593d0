import type { ModelCall, Page } from '@planyard/contracts';
import type { Engine } from '@planyard/engine';
import { type Executor, listModelCalls } from '@planyard/store';
import { requireRun } from './find-run.ts';

const eventPage = 1_000;

/** Every model call of a run: from its events while it is open, from the archive once it has ended. */
export async function allModelCalls(
  deps: { db: Executor; engine: Pick<Engine, 'readEvents'> },
  tenant: string,
  runId: string,
): Promise<ModelCall[]> {
  const run = await requireRun(deps.db, tenant, runId);
  if (run.ended_at === null) {
    const calls: ModelCall[] = [];
    for (let last = 0; ; ) {
      const events = await deps.engine.readEvents(runId, last, eventPage);
      calls.push(...events.flatMap((event) => (event.type === 'model.called' ? [event.data] : [])));
      if (events.length < eventPage) return calls;
      last = events.at(-1)?.number ?? last;
    }
  }
  const calls: ModelCall[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<ModelCall> = await listModelCalls(deps.db, tenant, runId, { limit: 200, cursor });
    calls.push(...page.data);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return calls;
}
