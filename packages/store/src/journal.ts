import type { Json } from '@planyard/contracts';
import type { Executor } from './database.ts';

/** One execution of a call with side effects: a retry or a fallback is another. */
export interface JournalKey {
  run_id: string;
  step_id: string;
  try: number;
  fallback: boolean;
}

export interface JournalEntry {
  try: number;
  epoch: number;
  /** null: it began, and nobody knows how it ended. */
  outcome: Json | null;
}

/** Notes that a call is about to be made. False when it was noted before: it may have been made, so it must not be made again. */
export async function beginSideEffect(
  db: Executor,
  tenant: string,
  key: JournalKey,
  { epoch, now }: { epoch: number; now: Date },
): Promise<boolean> {
  const row = await db
    .insertInto('journal')
    .values({ ...key, tenant, epoch, begun_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('epoch')
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes how the call ended: a worker that takes the step over returns this instead of calling again. */
export async function finishSideEffect(
  db: Executor,
  tenant: string,
  key: JournalKey,
  { outcome, now }: { outcome: Json; now: Date },
): Promise<void> {
  await db
    .updateTable('journal')
    .set({ finished_at: now, outcome: JSON.stringify(outcome) })
    .where('run_id', '=', key.run_id)
    .where('step_id', '=', key.step_id)
    .where('try', '=', key.try)
    .where('fallback', '=', key.fallback)
    .where('tenant', '=', tenant)
    .execute();
}

/** What is noted about the tries of a step's call, the first one first. */
export async function listSideEffects(
  db: Executor,
  tenant: string,
  call: Omit<JournalKey, 'try'>,
): Promise<JournalEntry[]> {
  return db
    .selectFrom('journal')
    .select(['try', 'epoch', 'outcome'])
    .where('run_id', '=', call.run_id)
    .where('step_id', '=', call.step_id)
    .where('fallback', '=', call.fallback)
    .where('tenant', '=', tenant)
    .orderBy('try')
    .execute();
}
