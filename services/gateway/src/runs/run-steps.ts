import { type Page, PlanyardError, type StepView } from '@planyard/contracts';
import { type Engine, toStepView } from '@planyard/engine';
import { type Executor, findStep, listSteps, readResult } from '@planyard/store';
import { requireRun } from './find-run.ts';

export interface RunStepsDeps {
  db: Executor;
  engine: Pick<Engine, 'readSteps' | 'readStep'>;
}

/** Every step of a run, from the archive once it has ended. Results that were too big for Redis are left out: `oneStep` reads them. */
export async function allSteps(deps: RunStepsDeps, tenant: string, runId: string): Promise<StepView[]> {
  const run = await requireRun(deps.db, tenant, runId);
  if (run.ended_at === null) {
    const live = await deps.engine.readSteps(runId);
    if (live.length > 0) return live.map(toStepView);
    // Nothing there: it may have ended and expired meanwhile.
  }
  const steps: StepView[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<StepView> = await listSteps(deps.db, tenant, runId, { limit: 200, cursor });
    steps.push(...page.data);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return steps;
}

/** One step with its whole result, which is read from Postgres where it was too big for Redis. */
export async function oneStep(
  deps: RunStepsDeps,
  tenant: string,
  runId: string,
  stepId: string,
): Promise<StepView> {
  const run = await requireRun(deps.db, tenant, runId);
  const live = run.ended_at === null ? await deps.engine.readStep(runId, stepId) : null;
  if (live) {
    const view = toStepView(live);
    const stored = live.result?.stored;
    if (!stored) return view;
    const ref = { run_id: runId, step_id: stepId, epoch: stored.epoch };
    return { ...view, result: await readResult(deps.db, tenant, ref) };
  }
  const archived = await findStep(deps.db, tenant, runId, stepId);
  if (!archived) throw new PlanyardError('not_found', `Run ${runId} has no step ${stepId}`);
  return archived;
}
