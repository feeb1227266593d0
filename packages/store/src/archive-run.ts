import type { ModelCall, RunEvent, RunResponse } from '@planyard/contracts';
import type { Executor } from './database.ts';
import { insertEvents } from './events.ts';
import { insertModelCalls } from './model-calls.ts';
import { type EndedPlan, insertPlan } from './plans.ts';
import { type ArchivedStep, insertSteps } from './steps.ts';
import { insertToolSpending, type ToolSpending } from './tool-spending.ts';
import { inTransaction } from './transaction.ts';

export interface RunArchive {
  run_id: string;
  incarnation: number;
  response: RunResponse;
  steps: ArchivedStep[];
  model_calls: ModelCall[];
  tool_spending: ToolSpending[];
  events: RunEvent[];
  /** Of the run's first attempt; null where nothing was planned. */
  plan: EndedPlan | null;
}

export type Archived =
  | 'archived'
  /** The run has ended in Postgres: nothing changed. */
  | 'already'
  /** The run has been rebuilt since: this life of it no longer counts. */
  | 'stale'
  | 'missing';

/** Writes an ended run, its steps, what they spent, model calls, events and plan in one transaction; the committed status is the truth about how it ended. */
export function archiveRun(db: Executor, archive: RunArchive): Promise<Archived> {
  return inTransaction(db, async (tx) => {
    const row = await tx
      .selectFrom('runs')
      .select(['id', 'tenant', 'user_id', 'key_id', 'request', 'incarnation', 'ended_at'])
      .where('id', '=', archive.run_id)
      .forUpdate()
      .executeTakeFirst();
    if (!row) return 'missing';
    if (row.ended_at !== null) return 'already';
    if (row.incarnation !== archive.incarnation) return 'stale';

    const { response } = archive;
    await insertSteps(tx, row, archive.steps);
    const tags = row.request.tags ?? [];
    const spender = {
      run_id: row.id,
      tenant: row.tenant,
      key_id: row.key_id,
      tags,
      agent: response.agent,
    };
    await insertToolSpending(tx, spender, archive.tool_spending);
    const caller = { tenant: row.tenant, user: row.user_id, key_id: row.key_id };
    await insertModelCalls(
      tx,
      archive.model_calls.map((call, number) => ({
        run: { id: row.id, number },
        caller,
        tags,
        call,
      })),
    );
    await insertEvents(tx, row, archive.events);
    if (archive.plan) await insertPlan(tx, row, archive.plan);
    await tx
      .updateTable('runs')
      .set({
        status: response.status,
        planner: response.planner,
        agent: response.agent,
        cost_usd: response.usage.cost_usd,
        ended_at: response.timings.ended_at ?? new Date(),
        response: JSON.stringify(response),
      })
      .where('id', '=', archive.run_id)
      .execute();
    return 'archived';
  });
}
