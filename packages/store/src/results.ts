import type { Json } from '@planyard/contracts';
import { PlanyardError } from '@planyard/contracts';
import type { Executor } from './database.ts';

/** Addresses a result that is too large for Redis. */
export interface ResultRef {
  run_id: string;
  step_id: string;
  epoch: number;
}

/** Writes a big result before its step settles. Repeating it for the same epoch replaces the value: that epoch's worker alone may. */
export async function writeResult(
  db: Executor,
  tenant: string,
  { run_id, step_id, epoch }: ResultRef,
  value: Json,
): Promise<void> {
  await db
    .insertInto('results')
    .values({ run_id, step_id, epoch, tenant, value: JSON.stringify(value) })
    .onConflict((conflict) =>
      conflict.columns(['run_id', 'step_id', 'epoch']).doUpdateSet({ value: JSON.stringify(value) }),
    )
    .execute();
}

/** Copies a result, for a step that takes over what another one of its run, or of another, has found. Throws `not_found` when it is gone. */
export async function copyResult(
  db: Executor,
  tenant: string,
  from: ResultRef,
  to: ResultRef,
): Promise<void> {
  await writeResult(db, tenant, to, await readResult(db, tenant, from));
}

/** Throws `not_found` when the row is gone: its run was deleted. */
export async function readResult(db: Executor, tenant: string, ref: ResultRef): Promise<Json> {
  const row = await db
    .selectFrom('results')
    .select('value')
    .where('run_id', '=', ref.run_id)
    .where('step_id', '=', ref.step_id)
    .where('epoch', '=', ref.epoch)
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  if (!row) throw new PlanyardError('not_found', `The result of step ${ref.step_id} is gone.`);
  return row.value;
}
