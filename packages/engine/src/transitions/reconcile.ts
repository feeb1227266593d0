import { PlanyardError } from '@planyard/contracts';
import { type EngineContext, enqueueReleased, runScript } from '../context.ts';
import { failedOutcome } from '../failed-outcome.ts';
import { parseRef } from '../keys.ts';
import type { ScriptName } from '../scripts.ts';

const BATCH = 200;
const SWEPT_RUNS = 20;
const MOST_JOIN_CRASHES = 8;
const JOIN_FAILED = JSON.stringify(
  failedOutcome(
    new PlanyardError('internal', 'Whatever process wrote the answer of this run, it died of it').toBody(),
  ),
);
const APPROVAL_EXPIRED = JSON.stringify(new PlanyardError('approval_expired').toBody());

/**
 * One pass over every gap between two writes, in every partition. Several processes may do it at once: each repair is
 * a script that looks at the state again. A live lease is never disturbed. Throws what failed in a partition once all
 * others were looked at, and of a run once all of its partition were.
 */
export function createReconciler(context: EngineContext): () => Promise<Record<string, number>> {
  const cursors = new Map<number, number>();

  return async () => {
    const repaired: Record<string, number> = {};
    const count = (kind: string, amount: number) => {
      if (amount === 0) return;
      repaired[kind] = (repaired[kind] ?? 0) + amount;
      context.observe.repaired?.(kind, amount);
    };
    const looked = await Promise.allSettled(
      Array.from({ length: context.settings.partitions }, (_, partition) =>
        lookAt(context, partition, cursors, count),
      ),
    );
    for (const result of looked) if (result.status === 'rejected') throw result.reason;
    return repaired;
  };
}

async function lookAt(
  context: EngineContext,
  partition: number,
  cursors: Map<number, number>,
  count: (kind: string, amount: number) => void,
): Promise<void> {
  const prefix = context.keys.prefix(partition);
  const failed: unknown[] = [];

  /** Repairs a run, and counts what was repaired by `kinds`. What cannot be is looked at `again` later: so it keeps no other out of the batch. */
  async function repair(
    script: ScriptName,
    kinds: string[],
    ref: string,
    args: (string | number)[],
    again?: { set: string; members: string[] },
  ): Promise<void> {
    try {
      const reply = await runScript(context, context.redis, script, prefix, [ref, ...args]);
      await enqueueReleased(context, reply);
      for (const [index, kind] of kinds.entries()) count(kind, Number(reply.extra[index]));
    } catch (error) {
      // A Redis that is away or full is no fault of this run.
      if (!(error instanceof PlanyardError) || error.code !== 'internal') throw error;
      const { run_id } = parseRef(ref);
      context.log.error({ err: error, run_id, script }, 'an open run cannot be repaired');
      context.observe.repairFailed?.();
      failed.push(error);
      if (!again) return;
      const later = Number(now) + context.settings.due_recheck_ms;
      await context.redis.zadd(prefix + again.set, 'XX', ...again.members.flatMap((each) => [later, each]));
    }
  }

  /** What is overdue of each run: `<ref>|<step or @phase>`. */
  async function repairAll(
    script: ScriptName,
    kinds: string[],
    set: string,
    overdue: string | undefined,
    args: (string | number)[] = [],
  ): Promise<void> {
    const all = overdue ? overdue.split(' ') : [];
    for (const [ref, members] of Map.groupBy(all, (each) => each.split('|')[0] as string)) {
      const what = members.flatMap((each) => each.split('|').slice(1));
      await repair(script, kinds, ref, [...args, ...what], { set, members });
    }
  }

  const { extra } = await runScript(context, context.redis, 'list-overdue', prefix, [BATCH]);
  const [leases, due, deadlines, approvals, now] = extra;
  const join = [MOST_JOIN_CRASHES, JOIN_FAILED, context.random()];
  await repairAll('recover-leases', ['step_lease', 'phase_lease'], 'leases', leases, join);
  await repairAll('recover-due', ['job_lost'], 'due', due, [context.settings.due_recheck_ms]);
  await repairAll('expire-deadline', ['deadline'], 'deadlines', deadlines);
  await repairAll('expire-approvals', ['approval'], 'approvals', approvals, [APPROVAL_EXPIRED]);

  // The next few open runs, round and round.
  const start = cursors.get(partition) ?? 0;
  const open = await context.redis.zrange(`${prefix}open`, String(start), String(start + SWEPT_RUNS - 1));
  cursors.set(partition, open.length < SWEPT_RUNS ? 0 : start + SWEPT_RUNS);
  for (const ref of open) {
    const { run_id } = parseRef(ref);
    if (context.keys.partitionOf(run_id) === partition) await repair('sweep-run', ['swept'], ref, []);
    else await repair('end-life', ['moved'], ref, [run_id, context.settings.ended_ttl_ms]);
  }
  if (failed.length > 0) throw failed[0];
}
