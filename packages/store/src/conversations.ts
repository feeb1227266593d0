import type { Caller } from '@planyard/contracts';
import type { Executor } from './database.ts';
import { storableText } from './storable.ts';
import { inTransaction } from './transaction.ts';

/** A question of a conversation and what was answered. */
export interface Turn {
  run_id: string;
  at: string;
  question: string;
  answer: string;
}

export interface Conversation {
  id: string;
  created_at: string;
  /** Of the turns that are summed up; null while there is none. */
  summary: string | null;
}

type Owner = Pick<Caller, 'tenant' | 'user'>;

/** Makes the conversation if it is not there. */
export async function openConversation(
  db: Executor,
  owner: Owner,
  { id, created_at }: Pick<Conversation, 'id' | 'created_at'>,
): Promise<void> {
  await db
    .insertInto('conversations')
    .values({ id, tenant: owner.tenant, user_id: owner.user, created_at })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** A user's conversation; null when there is none of this id, or it is another user's. */
export async function findConversation(db: Executor, owner: Owner, id: string): Promise<Conversation | null> {
  const row = await db
    .selectFrom('conversations')
    .select(['id', 'created_at', 'summary'])
    .where('id', '=', storableText(id))
    .where('tenant', '=', owner.tenant)
    .where('user_id', '=', owner.user)
    .executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    created_at: row.created_at.toISOString(),
    summary: row.summary,
  };
}

/** The answered questions of a conversation, newest first: those before a time, all or the ones that no summary stands for. */
export async function listTurns(
  db: Executor,
  tenant: string,
  id: string,
  { before, summed = true, limit }: { before?: string; summed?: boolean; limit: number },
): Promise<Turn[]> {
  let select = db
    .selectFrom('runs')
    .select(['id', 'created_at', 'question', 'response'])
    .where('tenant', '=', tenant)
    .where('conversation_id', '=', id)
    // The rest have no answer. Postgres cannot look into a response for it: a NUL anywhere in it would fail the query.
    .where('status', 'in', ['completed', 'partial']);
  if (!summed) select = select.where('summed_up', '=', false);
  if (before) select = select.where('created_at', '<', new Date(before));
  const rows = await select.orderBy('created_at', 'desc').limit(limit).execute();
  return rows.flatMap(({ id: run_id, created_at, question, response }) =>
    response?.answer ? [{ run_id, at: created_at.toISOString(), question, answer: response.answer }] : [],
  );
}

/** Keeps a summary of these turns and of what the summary before it stood for, unless somebody has kept another one meanwhile. */
export function keepSummary(
  db: Executor,
  tenant: string,
  id: string,
  { summary, before, turns }: { summary: string; before: string | null; turns: string[] },
): Promise<void> {
  return inTransaction(db, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('conversations')
      .set({ summary: storableText(summary) })
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('summary', 'is not distinct from', before)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await tx
      .updateTable('runs')
      .set({ summed_up: true })
      .where('tenant', '=', tenant)
      .where('id', 'in', turns)
      .execute();
  });
}

/** Deletes a user's conversation with its summary and its runs; `open` while one of them has not ended. */
export function deleteConversation(
  db: Executor,
  owner: Owner,
  id: string,
): Promise<'deleted' | 'open' | 'missing'> {
  return inTransaction(db, async (tx) => {
    if ((await findConversation(tx, owner, id)) === null) return 'missing';
    const runs = tx.selectFrom('runs').where('tenant', '=', owner.tenant).where('conversation_id', '=', id);
    if (await runs.select('id').where('ended_at', 'is', null).executeTakeFirst()) return 'open';
    await tx
      .deleteFrom('runs')
      .where('tenant', '=', owner.tenant)
      .where('conversation_id', '=', id)
      .execute();
    await tx.deleteFrom('conversations').where('id', '=', id).execute();
    return 'deleted';
  });
}

/** Deletes conversations begun before a time of which no run is left. Returns how many. */
export async function deleteEmptyConversations(db: Executor, before: Date): Promise<number> {
  const gone = await db
    .deleteFrom('conversations')
    .where('created_at', '<', before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('runs').select('runs.id').whereRef('runs.conversation_id', '=', 'conversations.id'),
        ),
      ),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
