import { PlanyardError } from '@planyard/contracts';
import { type EngineContext, enqueueReleased, runScript, transition } from '../context.ts';
import { parseRef } from '../keys.ts';

const BATCH = 200;
const SWEPT_RUNS = 20;

/**
 * One pass over every gap between two writes, in every partition. Several processes may do it at once: each repair is
 * a script that looks at the state again. A live lease is never disturbed. Throws what failed in a partition once all
 * others were looked at, and of a run once all of its partition were.
 */
export function createReconciler(context: EngineContext): () => Promise<Record<string, number>> {
  const cursors = new Map<number, number>();

  return async () => {
    const repaired: Record<string, number> = {};
    const count = (kind: string, amount: string | undefined) => {
      if (!Number(amount)) return;
      repaired[kind] = (repaired[kind] ?? 0) + Number(amount);
      context.observe.repaired?.(kind, Number(amount));
    };
    const lookAt = async (partition: number) => {
      const prefix = context.keys.prefix(partition);
      const run = async (
        name: 'recover-leases' | 'recover-due' | 'expire-deadlines',
        args: (string | number)[],
      ) => {
        const reply = await runScript(context, context.redis, name, prefix, [BATCH, ...args]);
        await enqueueReleased(context, reply);
        return reply.extra;
      };
      const leases = await run('recover-leases', []);
      count('step_lease', leases[0]);
      count('phase_lease', leases[1]);
      count('job_lost', (await run('recover-due', [context.settings.due_recheck_ms]))[0]);
      const expiry = await run('expire-deadlines', [
        JSON.stringify(new PlanyardError('approval_expired').toBody()),
      ]);
      count('deadline', expiry[0]);
      count('approval', expiry[1]);
      const { repaired, failed } = await sweep(context, prefix, partition, cursors);
      count('swept', String(repaired));
      if (failed.length > 0) throw failed[0];
    };
    const looked = await Promise.allSettled(
      Array.from({ length: context.settings.partitions }, (_, partition) => lookAt(partition)),
    );
    for (const result of looked) if (result.status === 'rejected') throw result.reason;
    return repaired;
  };
}

/** Looks at the next few open runs, round and round. One that cannot be looked at keeps none of the others from it. */
async function sweep(
  context: EngineContext,
  prefix: string,
  partition: number,
  cursors: Map<number, number>,
): Promise<{ repaired: number; failed: unknown[] }> {
  const start = cursors.get(partition) ?? 0;
  const refs = await context.redis.zrange(`${prefix}open`, String(start), String(start + SWEPT_RUNS - 1));
  cursors.set(partition, refs.length < SWEPT_RUNS ? 0 : start + SWEPT_RUNS);
  let repaired = 0;
  const failed: unknown[] = [];
  for (const ref of refs) {
    const run = parseRef(ref);
    try {
      const reply = await transition(context, context.redis, 'sweep-run', run, []);
      repaired += Number(reply.extra[0]);
    } catch (error) {
      if (error instanceof PlanyardError && error.code === 'unavailable') throw error;
      context.log.error({ err: error, run_id: run.run_id }, 'an open run cannot be looked at');
      failed.push(error);
    }
  }
  return { repaired, failed };
}
