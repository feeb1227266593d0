import type {
  ListRunsQuery,
  Page,
  RunListItem,
  RunRecord,
  RunResponse,
  RunStatus,
} from '@planyard/contracts';
import { isTerminal } from '@planyard/contracts';
import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import { openConversation } from './conversations.ts';
import { decodeCursor, TimeAndId, toPage } from './cursor.ts';
import type { Database, Executor } from './database.ts';
import { containing, storableText } from './storable.ts';
import { inTransaction } from './transaction.ts';

/** A run as Postgres has it: `accepted` with no response until it is archived; what happens meanwhile is in Redis. */
export interface StoredRun {
  record: RunRecord;
  ended_at: string | null;
  response: RunResponse | null;
}

export interface Idempotency {
  key: string;
  /** A repeated key with another hash is a mismatch. */
  body_hash: string;
}

export type Accepted =
  | { kind: 'inserted' }
  /** The same key and body came before: this is the run it made. */
  | { kind: 'existing'; run: StoredRun }
  | { kind: 'mismatch' };

const IDEMPOTENCY_MS = 24 * 3_600_000;

/** Writes an accepted run, once for each idempotency key of a user; keys hold for 24 hours. From the commit on the run is acknowledged. */
export function insertAccepted(
  db: Executor,
  run: RunRecord,
  idempotency: Idempotency | null,
): Promise<Accepted> {
  return inTransaction(db, async (tx) => {
    if (idempotency !== null) {
      const earlier = await claimKey(tx, run, idempotency);
      if (earlier !== null) return earlier;
    }
    const { conversation_id } = run.request;
    if (conversation_id)
      await openConversation(tx, run.caller, { id: conversation_id, created_at: run.created_at });
    await tx
      .insertInto('runs')
      .values({
        id: run.id,
        tenant: run.caller.tenant,
        user_id: run.caller.user,
        key_id: run.caller.key_id,
        request_id: run.request_id,
        incarnation: run.incarnation,
        partition: run.partition,
        status: run.status,
        question: storableText(run.request.question),
        agent: run.request.agent,
        created_at: run.created_at,
        request: JSON.stringify(run.request),
        conversation_id,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    return { kind: 'inserted' };
  });
}

async function claimKey(
  tx: Executor,
  run: RunRecord,
  { key, body_hash }: Idempotency,
): Promise<Accepted | null> {
  const { tenant, user } = run.caller;
  const text = storableText(key);
  await tx
    .deleteFrom('idempotency_keys')
    .where('tenant', '=', tenant)
    .where('user_id', '=', user)
    .where('key', '=', text)
    .where('created_at', '<', oldestKey(run.created_at))
    .execute();
  // A concurrent request with the same key waits here for the first one's commit.
  const claimed = await tx
    .insertInto('idempotency_keys')
    .values({ tenant, user_id: user, key: text, body_hash, run_id: run.id, created_at: run.created_at })
    .onConflict((conflict) => conflict.doNothing())
    .returning('run_id')
    .executeTakeFirst();
  if (claimed) return null;
  return (await findAccepted(tx, run.caller, { key, body_hash }, run.created_at)) ?? { kind: 'mismatch' };
}

/** What an idempotency key of a user stands for at `now` (ISO 8601); null where it is free. */
export async function findAccepted(
  db: Executor,
  { tenant, user }: Pick<RunRecord['caller'], 'tenant' | 'user'>,
  { key, body_hash }: Idempotency,
  now: string,
): Promise<Exclude<Accepted, { kind: 'inserted' }> | null> {
  const before = await db
    .selectFrom('idempotency_keys')
    .select(['run_id', 'body_hash'])
    .where('tenant', '=', tenant)
    .where('user_id', '=', user)
    .where('key', '=', storableText(key))
    .where('created_at', '>=', oldestKey(now))
    .executeTakeFirst();
  if (!before) return null;
  if (before.body_hash !== body_hash) return { kind: 'mismatch' };
  const existing = await findRun(db, tenant, before.run_id);
  return existing === null ? { kind: 'mismatch' } : { kind: 'existing', run: existing };
}

function oldestKey(now: string): Date {
  return new Date(Date.parse(now) - IDEMPOTENCY_MS);
}

export async function findRun(db: Executor, tenant: string, id: string): Promise<StoredRun | null> {
  const row = await db
    .selectFrom('runs')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? toStoredRun(row) : null;
}

/** Newest first. An open status finds every open run: Postgres does not follow a run between accepted and its end. */
export async function listRuns(
  db: Executor,
  tenant: string,
  query: ListRunsQuery,
): Promise<Page<RunListItem>> {
  let select = db
    .selectFrom('runs')
    .select(['id', 'status', 'question', 'agent', 'planner', 'cost_usd', 'created_at', 'ended_at'])
    .where('tenant', '=', tenant);
  if (query.status)
    select = isTerminal(query.status)
      ? select.where('status', '=', query.status)
      : select.where('ended_at', 'is', null);
  if (query.agent) select = select.where('agent', '=', query.agent);
  if (query.text) select = select.where('question', 'ilike', containing(query.text));
  if (query.from) select = select.where('created_at', '>=', new Date(query.from));
  if (query.to) select = select.where('created_at', '<', new Date(query.to));
  if (query.cursor) {
    const [time, id] = decodeCursor(query.cursor, TimeAndId);
    select = select.where(sql<boolean>`(created_at, id) < (${time}::timestamptz, ${id})`);
  }
  const rows = await select
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
    .execute();
  return toPage(
    rows,
    query.limit,
    (row) => ({
      id: row.id,
      status: row.status as RunStatus,
      question: row.question,
      agent: row.agent,
      planner: row.planner,
      cost_usd: row.cost_usd,
      created_at: row.created_at.toISOString(),
      ended_at: row.ended_at?.toISOString() ?? null,
    }),
    (row) => [row.created_at.toISOString(), row.id],
  );
}

/** Deletes an ended run with its steps, events, model calls, results and journal. */
export async function deleteRun(
  db: Executor,
  tenant: string,
  id: string,
): Promise<'deleted' | 'open' | 'missing'> {
  const gone = await db
    .deleteFrom('runs')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('ended_at', 'is not', null)
    .executeTakeFirst();
  if (gone.numDeletedRows > 0n) return 'deleted';
  return (await findRun(db, tenant, id)) === null ? 'missing' : 'open';
}

/** Open runs of all tenants accepted or rebuilt before `olderThan`, oldest first: what the reconciler looks for in Redis. `after` is the last one of the page before. */
export async function listOpenRuns(
  db: Executor,
  { olderThan, limit, after }: { olderThan: Date; limit: number; after?: RunRecord | undefined },
): Promise<RunRecord[]> {
  let select = db
    .selectFrom('runs')
    .selectAll()
    .where('ended_at', 'is', null)
    .where(({ fn }) => fn.coalesce('rebuilt_at', 'created_at'), '<', olderThan);
  if (after)
    select = select.where(sql<boolean>`(created_at, id) > (${after.created_at}::timestamptz, ${after.id})`);
  const rows = await select.orderBy('created_at').orderBy('id').limit(limit).execute();
  return rows.map((row) => toStoredRun(row).record);
}

/** Gives an open run its next incarnation if it still has `from`; of several processes that try, one gets the run back, the others null. */
export async function bumpIncarnation(
  db: Executor,
  { id, from, now }: { id: string; from: number; now: Date },
): Promise<RunRecord | null> {
  const row = await db
    .updateTable('runs')
    .set({ incarnation: from + 1, rebuilt_at: now })
    .where('id', '=', id)
    .where('incarnation', '=', from)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ? toStoredRun(row).record : null;
}

/** Open runs of all tenants. */
export async function countOpenRuns(db: Executor): Promise<number> {
  const row = await db
    .selectFrom('runs')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return row.count;
}

function toStoredRun(row: Selectable<Database['runs']>): StoredRun {
  return {
    record: {
      id: row.id,
      incarnation: row.incarnation,
      partition: row.partition,
      caller: { tenant: row.tenant, user: row.user_id, key_id: row.key_id },
      request_id: row.request_id,
      request: row.request,
      status: row.status as RunStatus,
      created_at: row.created_at.toISOString(),
    },
    ended_at: row.ended_at?.toISOString() ?? null,
    response: row.response,
  };
}
