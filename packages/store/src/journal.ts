import type { Json } from '@planyard/contracts';
import type { Executor } from './database.ts';

/** One execution of a call with side effects: a retry or a fallback is another, and so is what a rebuilt run makes of its plan. */
export interface JournalKey {
  run_id: string;
  incarnation: number;
  step_id: string;
  try: number;
  fallback: boolean;
}

export interface JournalEntry extends Omit<JournalKey, 'run_id'> {
  /** null: it began, and nobody knows how it ended. */
  outcome: Json | null;
}

/** Notes that a call is about to be made; `call_hash` tells which. False when it was noted before: it may have been made, so it must not be made again. */
export async function beginSideEffect(
  db: Executor,
  tenant: string,
  key: JournalKey,
  { call_hash, epoch, now }: { call_hash: string; epoch: number; now: Date },
): Promise<boolean> {
  const row = await db
    .insertInto('journal')
    .values({ ...key, tenant, call_hash, epoch, begun_at: now })
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
    .where('incarnation', '=', key.incarnation)
    .where('step_id', '=', key.step_id)
    .where('try', '=', key.try)
    .where('fallback', '=', key.fallback)
    .where('tenant', '=', tenant)
    .execute();
}

/** What is noted about a call in all of a run, the first time first. */
export async function listSideEffects(
  db: Executor,
  tenant: string,
  call: { run_id: string; call_hash: string },
): Promise<JournalEntry[]> {
  return db
    .selectFrom('journal')
    .select(['incarnation', 'step_id', 'try', 'fallback', 'outcome'])
    .where('run_id', '=', call.run_id)
    .where('call_hash', '=', call.call_hash)
    .where('tenant', '=', tenant)
    .orderBy('begun_at')
    .orderBy('try')
    .execute();
}
