import { PlanyardError } from '@planyard/contracts';
import type { EngineContext } from './context.ts';
import type { BegunStep } from './step-execution.ts';
import {
  type EndedStep,
  type Settlement,
  type SettleStatus,
  settlementOf,
  settleSteps,
  type Take,
} from './transitions/settle-step.ts';

/** Steps in one call at most: while it lasts Redis does nothing else. */
const MAX_BATCH = 16;

/**
 * Settles steps. Those that end in one turn of the event loop, as they do under load, share a call: a script's own
 * cost and a trip to Redis are then paid once. A step that ends alone waits for nobody.
 */
export function createSettleBatches(
  context: EngineContext,
  deps: {
    /** Takes what this worker can take over when `ended` steps give their places back. */
    take: (ended: number) => Take;
    /** Gets what that began; `since` is when it was asked for. */
    began: (steps: BegunStep[], since: number) => void;
    /** After each `take`, whatever came of it: how many places it took, and in how many a step has begun. */
    over: (ended: number, taken: number, begun: number) => void;
  },
): (ended: EndedStep) => Promise<void> {
  interface Waiting {
    settlement: Settlement;
    done: (status: SettleStatus) => void;
    failed: (error: unknown) => void;
  }
  const waiting = new Map<number, Waiting[]>();

  async function send(batch: Waiting[]): Promise<void> {
    const since = Date.now();
    const take = deps.take(batch.length);
    let started = 0;
    try {
      const settlements = batch.map(({ settlement }) => settlement);
      const { statuses, begun, enqueued } = await settleSteps(context, settlements, take);
      started = begun.length;
      // Before anyone hears of the end of theirs: a worker that closes must know of what has begun.
      deps.began(begun, since);
      await enqueued;
      for (const [index, { done }] of batch.entries()) done(statuses[index] as SettleStatus);
    } catch (error) {
      for (const { failed } of batch) failed(error);
    } finally {
      deps.over(batch.length, take.places, started);
    }
  }

  function flush(partition: number): void {
    const all = waiting.get(partition) ?? [];
    waiting.delete(partition);
    for (let first = 0; first < all.length; first += MAX_BATCH)
      void send(all.slice(first, first + MAX_BATCH));
  }

  async function add(ended: EndedStep): Promise<SettleStatus> {
    // Here, so that what cannot be told of one step is not the fault of others.
    const settlement = settlementOf(context, ended);
    const partition = context.keys.partitionOf(ended.step.run_id);
    return new Promise((done, failed) => {
      const entry = { settlement, done, failed };
      const batch = waiting.get(partition);
      if (batch) {
        batch.push(entry);
        return;
      }
      waiting.set(partition, [entry]);
      setImmediate(flush, partition);
    });
  }

  return async (ended) => {
    const status = await add(ended);
    if (!(status instanceof PlanyardError)) return;
    if (status.code !== 'run_too_large') throw status;
    const failed = await add({ ...ended, outcome: { kind: 'failed', error: status.toBody() } });
    if (failed instanceof PlanyardError) throw failed;
  };
}
