import {
  deleteEmptyConversations,
  deleteEndedRuns,
  deleteIdempotencyKeys,
  deleteModelCalls,
  type Executor,
} from '@planyard/store';

const DAY_MS = 86_400_000;
const BATCH = 100;

/** Deletes runs that ended and model calls that began more than `days` ago (0: none), batch by batch, conversations of which nothing is left, and idempotency keys past their day. Returns how many runs. */
export async function deleteOldRuns(
  db: Executor,
  { days, nowMs }: { days: number; nowMs: number },
): Promise<number> {
  await deleteIdempotencyKeys(db, new Date(nowMs - DAY_MS));
  if (days === 0) return 0;
  const before = new Date(nowMs - days * DAY_MS);
  while ((await deleteModelCalls(db, { before, limit: BATCH * 100 })) > 0);
  let deleted = 0;
  for (;;) {
    const batch = await deleteEndedRuns(db, { before, limit: BATCH });
    deleted += batch;
    if (batch < BATCH) break;
  }
  await deleteEmptyConversations(db, before);
  return deleted;
}
