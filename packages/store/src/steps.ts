import type { Page, StepView } from '@planyard/contracts';
import { decodeCursor, Position, toPage } from './cursor.ts';
import type { Executor, StepDefinition } from './database.ts';
import { readResult } from './results.ts';

/** A settled step on its way to the archive. */
export interface ArchivedStep {
  view: StepView;
  /** The epoch of the `results` row that holds its result, when that lies apart. */
  result_epoch: number | null;
  definition: StepDefinition;
}

/** Each may carry 64 KiB of result: one statement stays within some megabytes. */
const BATCH = 100;

export async function insertSteps(
  tx: Executor,
  run: { id: string; tenant: string },
  steps: ArchivedStep[],
): Promise<void> {
  const makers = callMakers(steps);
  for (let start = 0; start < steps.length; start += BATCH)
    await tx
      .insertInto('steps')
      .values(
        steps.slice(start, start + BATCH).map(({ view, result_epoch, definition }, index) => ({
          run_id: run.id,
          id: view.id,
          tenant: run.tenant,
          position: start + index,
          tool: view.tool,
          status: view.status,
          cached: view.cached,
          started_at: view.started_at,
          ended_at: view.ended_at,
          duration_ms: durationOf(view),
          adopted: view.cached && (makers.get(definition.call_hash ?? '') ?? view.id) !== view.id,
          failed_tool: view.fallback_used ? definition.admitted.spec.tool : null,
          result_epoch,
          view: JSON.stringify(view),
          definition: JSON.stringify(definition),
        })),
      )
      .execute();
}

/** Steps of an archived run in the order they were added. Results over 64 KiB are left out: `findStep` has them. */
export async function listSteps(
  db: Executor,
  tenant: string,
  runId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<StepView>> {
  let select = db
    .selectFrom('steps')
    .select(['position', 'view'])
    .where('run_id', '=', runId)
    .where('tenant', '=', tenant);
  if (cursor) select = select.where('position', '>', decodeCursor(cursor, Position)[0]);
  const rows = await select
    .orderBy('position')
    .limit(limit + 1)
    .execute();
  return toPage(
    rows,
    limit,
    (row) => row.view,
    (row) => [row.position],
  );
}

/** One step of an archived run with its whole result. */
export async function findStep(
  db: Executor,
  tenant: string,
  runId: string,
  id: string,
): Promise<StepView | null> {
  const row = await db
    .selectFrom('steps')
    .select(['view', 'result_epoch'])
    .where('run_id', '=', runId)
    .where('id', '=', id)
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  if (!row) return null;
  if (row.result_epoch === null) return row.view;
  const result = await readResult(db, tenant, { run_id: runId, step_id: id, epoch: row.result_epoch });
  return { ...row.view, result };
}

/** The first completed step of each call, by the call's hash: those after it adopted its result. */
function callMakers(steps: ArchivedStep[]): Map<string, string> {
  const lastFirst = steps
    .filter(({ view }) => view.status === 'completed')
    .toSorted((a, b) => Date.parse(a.view.ended_at ?? '') - Date.parse(b.view.ended_at ?? ''))
    .toReversed();
  return new Map(
    lastFirst.flatMap(({ view, definition: { call_hash } }) =>
      call_hash === null ? [] : [[call_hash, view.id] as const],
    ),
  );
}

function durationOf(view: StepView): number | null {
  if (view.started_at === null || view.ended_at === null) return null;
  return Date.parse(view.ended_at) - Date.parse(view.started_at);
}
