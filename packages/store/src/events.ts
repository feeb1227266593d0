import type { EventType, RunEvent } from '@planyard/contracts';
import type { Executor } from './database.ts';

/** Keeps a statement under Postgres' 65,535 parameters. */
const BATCH = 5000;

export async function insertEvents(
  tx: Executor,
  run: { id: string; tenant: string },
  events: RunEvent[],
): Promise<void> {
  for (let start = 0; start < events.length; start += BATCH)
    await tx
      .insertInto('run_events')
      .values(
        events.slice(start, start + BATCH).map((event) => ({
          run_id: run.id,
          number: event.number,
          tenant: run.tenant,
          at: event.at,
          type: event.type,
          data: JSON.stringify(event.data),
        })),
      )
      .execute();
}

/** Events of an archived run with a number above `after`, in order. */
export async function readEvents(
  db: Executor,
  tenant: string,
  runId: string,
  { after, limit }: { after: number; limit: number },
): Promise<RunEvent[]> {
  const rows = await db
    .selectFrom('run_events')
    .select(['number', 'at', 'type', 'data'])
    .where('run_id', '=', runId)
    .where('tenant', '=', tenant)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute();
  return rows.map(
    (row) =>
      ({
        number: row.number,
        at: row.at.toISOString(),
        type: row.type as EventType,
        data: row.data,
      }) as RunEvent,
  );
}

/** The number of an archived run's last `answer.started` up to a number. */
export async function findAnswerStart(
  db: Executor,
  tenant: string,
  runId: string,
  upTo: number,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('run_events')
    .select('number')
    .where('run_id', '=', runId)
    .where('tenant', '=', tenant)
    .where('type', '=', 'answer.started')
    .where('number', '<=', upTo)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.number;
}
