import { PlanyardError } from '@planyard/contracts';
import { type EngineContext, enqueueReleased, runScript, transition } from '../context.ts';
import { parseRef } from '../keys.ts';

const BATCH = 200;
const SWEPT_RUNS = 20;

/**
 * One pass over every gap between two writes, in every partition. Several processes may do it at once: each repair is
 * a script that looks at the state again. A live lease is never disturbed. Throws what failed in a partition once all
 * others were looked at.
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
      count('swept', String(await sweep(context, prefix, partition, cursors)));
    };
    const looked = await Promise.allSettled(
      Array.from({ length: context.settings.partitions }, (_, partition) => lookAt(partition)),
    );
    for (const result of looked) if (result.status === 'rejected') throw result.reason;
    return repaired;
  };
}

/** Looks at the next few open runs, round and round. */
async function sweep(
  context: EngineContext,
  prefix: string,
  partition: number,
  cursors: Map<number, number>,
): Promise<number> {
  const start = cursors.get(partition) ?? 0;
  const refs = await context.redis.zrange(`${prefix}open`, String(start), String(start + SWEPT_RUNS - 1));
  cursors.set(partition, refs.length < SWEPT_RUNS ? 0 : start + SWEPT_RUNS);
  let repaired = 0;
  for (const ref of refs) {
    const reply = await transition(context, context.redis, 'sweep-run', parseRef(ref), []);
    repaired += Number(reply.extra[0]);
  }
  return repaired;
}
