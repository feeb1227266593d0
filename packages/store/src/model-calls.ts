import type { ModelCall, Page } from '@planyard/contracts';
import { decodeCursor, Position, toPage } from './cursor.ts';
import type { Executor } from './database.ts';

export async function insertModelCalls(
  tx: Executor,
  run: { id: string; tenant: string },
  calls: ModelCall[],
): Promise<void> {
  if (calls.length === 0) return;
  await tx
    .insertInto('model_calls')
    .values(
      calls.map((call, number) => ({
        run_id: run.id,
        number,
        tenant: run.tenant,
        started_at: call.started_at,
        call: JSON.stringify(call),
      })),
    )
    .execute();
}

/** Model calls of an archived run, in order. */
export async function listModelCalls(
  db: Executor,
  tenant: string,
  runId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ModelCall>> {
  let select = db
    .selectFrom('model_calls')
    .select(['number', 'call'])
    .where('run_id', '=', runId)
    .where('tenant', '=', tenant);
  if (cursor) select = select.where('number', '>', decodeCursor(cursor, Position)[0]);
  const rows = await select
    .orderBy('number')
    .limit(limit + 1)
    .execute();
  return toPage(
    rows,
    limit,
    (row) => row.call,
    (row) => [row.number],
  );
}
