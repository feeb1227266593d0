import type { Caller, ErrorBody, Page, RunId, Schedule, ScheduleId } from '@planyard/contracts';
import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import { decodeCursor, TimeAndId, toPage } from './cursor.ts';
import type { Database, Executor } from './database.ts';
import { storableText } from './storable.ts';
import { inTransaction } from './transaction.ts';

/** A schedule as Postgres holds it, which is the truth about it. */
export interface StoredSchedule extends Omit<Schedule, 'next_runs' | 'user' | 'status'> {
  /** Whose key made it: its runs are theirs. */
  caller: Caller;
  /** Since when it has been active without a pause. */
  active_since: string;
}

type NewSchedule = Pick<
  StoredSchedule,
  'id' | 'name' | 'cron' | 'timezone' | 'request' | 'caller' | 'created_at'
>;

/** Those of a user. */
export async function countSchedules(
  db: Executor,
  { tenant, user }: Pick<Caller, 'tenant' | 'user'>,
): Promise<number> {
  const { count } = await db
    .selectFrom('schedules')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('tenant', '=', tenant)
    .where('user_id', '=', user)
    .executeTakeFirstOrThrow();
  return count;
}

/** False when the user has `limit` schedules already. */
export function insertSchedule(db: Executor, schedule: NewSchedule, limit: number): Promise<boolean> {
  const { tenant, user, key_id } = schedule.caller;
  return inTransaction(db, async (tx) => {
    // Two at once would both count too few.
    await tx
      .selectFrom('users')
      .select('id')
      .where('tenant', '=', tenant)
      .where('id', '=', user)
      .forUpdate()
      .execute();
    if ((await countSchedules(tx, schedule.caller)) >= limit) return false;
    await tx
      .insertInto('schedules')
      .values({
        id: schedule.id,
        tenant,
        user_id: user,
        key_id,
        name: storableText(schedule.name),
        cron: schedule.cron,
        timezone: schedule.timezone,
        request: JSON.stringify(schedule.request),
        created_at: schedule.created_at,
        active_since: schedule.created_at,
      })
      .execute();
    return true;
  });
}

export async function findSchedule(
  db: Executor,
  tenant: string,
  id: ScheduleId,
): Promise<StoredSchedule | null> {
  const row = await db
    .selectFrom('schedules')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? toSchedule(row) : null;
}

/** Whoever's it is: for those who serve the times that are due. */
export async function findAnySchedule(db: Executor, id: ScheduleId): Promise<StoredSchedule | null> {
  const row = await db.selectFrom('schedules').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toSchedule(row) : null;
}

/** Newest first. */
export async function listSchedules(
  db: Executor,
  tenant: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<StoredSchedule>> {
  let select = db.selectFrom('schedules').selectAll().where('tenant', '=', tenant);
  if (cursor) {
    const [time, id] = decodeCursor(cursor, TimeAndId);
    select = select.where(sql<boolean>`(created_at, id) < (${time}::timestamptz, ${id})`);
  }
  const rows = await select
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, toSchedule, (row) => [row.created_at.toISOString(), row.id]);
}

/** Active schedules of all tenants by their ids, those above `after`. */
export async function listActiveSchedules(
  db: Executor,
  { after, limit }: { after: ScheduleId | ''; limit: number },
): Promise<StoredSchedule[]> {
  const rows = await db
    .selectFrom('schedules')
    .selectAll()
    .where('paused_because', 'is', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toSchedule);
}

/** Pausing what is paused keeps the first reason. */
export async function pauseSchedule(
  db: Executor,
  id: ScheduleId,
  because: NonNullable<Schedule['paused_because']>,
): Promise<void> {
  await db
    .updateTable('schedules')
    .set({ paused_because: because })
    .where('id', '=', id)
    .where('paused_because', 'is', null)
    .execute();
}

/** Its runs are of the given key from now on; times that it was paused at are not made up for. */
export async function resumeSchedule(db: Executor, id: ScheduleId, keyId: string, now: Date): Promise<void> {
  await db
    .updateTable('schedules')
    .set({ paused_because: null, key_id: keyId, active_since: now })
    .where('id', '=', id)
    .where('paused_because', 'is not', null)
    .execute();
}

/** Notes what came of a time that was due; of an older time than the last one nothing is noted. */
export async function noteFired(
  db: Executor,
  id: ScheduleId,
  fired: { at: Date; run: RunId | null; error: ErrorBody | null },
): Promise<void> {
  await db
    .updateTable('schedules')
    .set({
      last_fired_at: fired.at,
      ...(fired.run === null ? {} : { last_run_id: fired.run }),
      last_error: fired.error === null ? null : JSON.stringify(fired.error),
    })
    .where('id', '=', id)
    .where((where) => where.or([where('last_fired_at', 'is', null), where('last_fired_at', '<=', fired.at)]))
    .execute();
}

export async function deleteSchedule(db: Executor, tenant: string, id: ScheduleId): Promise<void> {
  await db.deleteFrom('schedules').where('tenant', '=', tenant).where('id', '=', id).execute();
}

function toSchedule(row: Selectable<Database['schedules']>): StoredSchedule {
  return {
    id: row.id,
    name: row.name,
    cron: row.cron,
    timezone: row.timezone,
    request: row.request,
    caller: { tenant: row.tenant, user: row.user_id, key_id: row.key_id },
    paused_because: row.paused_because as Schedule['paused_because'],
    created_at: row.created_at.toISOString(),
    active_since: row.active_since.toISOString(),
    last_fired_at: row.last_fired_at?.toISOString() ?? null,
    last_run_id: row.last_run_id,
    last_error: row.last_error,
  };
}
