import type { Executor } from './database.ts';

/** Deletes up to `limit` runs of all tenants that ended before `before`, with all their rows. Returns how many: call again until 0. */
export async function deleteEndedRuns(
  db: Executor,
  { before, limit }: { before: Date; limit: number },
): Promise<number> {
  const gone = await db
    .deleteFrom('runs')
    .where('id', 'in', (runs) =>
      runs
        .selectFrom('runs')
        .select('id')
        .where('ended_at', '<', before)
        .orderBy('ended_at')
        .limit(limit)
        // Several processes may clean up at once.
        .forUpdate()
        .skipLocked(),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}

/** Deletes idempotency keys made before `before`. */
export async function deleteIdempotencyKeys(db: Executor, before: Date): Promise<number> {
  const gone = await db.deleteFrom('idempotency_keys').where('created_at', '<', before).executeTakeFirst();
  return Number(gone.numDeletedRows);
}
