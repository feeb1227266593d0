import { PlanyardError } from '@planyard/contracts';
import type { Executor } from './database.ts';
import type { ArchivedStep } from './steps.ts';

/** An ended run's steps with all that it takes to run them again, in the order in which they entered its graph. */
export interface ArchivedGraph {
  intent: string;
  agent: string | null;
  planner: string | null;
  steps: ArchivedStep[];
}

/** The graph of an ended run; null where there is no such run, or it has not ended. Throws `conflict` for one that was archived before steps could be run again. */
export async function readGraph(db: Executor, tenant: string, runId: string): Promise<ArchivedGraph | null> {
  const run = await db
    .selectFrom('runs')
    .select(['agent', 'planner'])
    .where('tenant', '=', tenant)
    .where('id', '=', runId)
    .where('ended_at', 'is not', null)
    .executeTakeFirst();
  if (!run) return null;
  const sealed = await db
    .selectFrom('run_events')
    .select('data')
    .where('tenant', '=', tenant)
    .where('run_id', '=', runId)
    .where('type', '=', 'plan.sealed')
    .orderBy('number')
    .limit(1)
    .executeTakeFirst();
  const rows = await db
    .selectFrom('steps')
    .select(['view', 'result_epoch', 'definition'])
    .where('tenant', '=', tenant)
    .where('run_id', '=', runId)
    .orderBy('position')
    .execute();
  const steps = rows.map(({ view, result_epoch, definition }) => {
    if (definition) return { view, result_epoch, definition };
    throw new PlanyardError('conflict', `Run ${runId} was archived without what it takes to run it again`);
  });
  const { intent = '' } = (sealed?.data ?? {}) as { intent?: string };
  return { intent, agent: run.agent, planner: run.planner, steps };
}
