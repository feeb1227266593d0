import type { Logger } from '@planyard/runtime';
import { type Executor, insertModelCalls, isUnavailable, type ModelCallRecord } from '@planyard/store';
import { Counter, type Registry } from 'prom-client';

export interface ModelCallLog {
  /** Takes a record; it is in Postgres a moment later. */
  add(record: ModelCallRecord): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

const flushMs = 250;
/** So many are written at once: records that wait grow old, and so does a statement over 128 KB, which V8 does not copy; what grows old makes the heap grow. */
const promptSize = 100;
/** And so many where Postgres does not keep up with that. */
const batchSize = 1_000;
/** Some minutes of a Postgres that is away under load; beyond it the newest are lost, and counted. */
const capacity = 200_000;

/** Writes records of model calls in batches: a statement for each would cost a request more than all else of it. */
export function createModelCallLog(deps: { db: Executor; log: Logger; registry: Registry }): ModelCallLog {
  const lost = new Counter({
    name: 'planyard_model_call_records_lost_total',
    help: 'Records of model calls that could not be kept',
    registers: [deps.registry],
  });
  const waiting: ModelCallRecord[] = [];
  let writing: Promise<void> | null = null;
  const timer = setInterval(() => void flush(), flushMs);

  function lose(count: number, error: unknown) {
    lost.inc(count);
    deps.log.error({ err: error, count }, 'records of model calls are lost');
  }

  /** What is not written stays among those that wait until Postgres has answered. */
  async function write(): Promise<void> {
    /** Of a batch that Postgres refused one record may be to blame, and no other is lost with it: so many are written singly. */
    let singly = 0;
    while (waiting.length > 0) {
      const size = waiting.length > batchSize ? batchSize : promptSize;
      const batch = waiting.slice(0, singly > 0 ? 1 : size);
      try {
        await insertModelCalls(deps.db, batch);
      } catch (error) {
        if (isUnavailable(error)) {
          deps.log.warn({ err: error, waiting: waiting.length }, 'records of model calls wait for Postgres');
          return;
        }
        if (batch.length > 1) {
          singly = batch.length;
          continue;
        }
        lose(1, error);
      }
      waiting.splice(0, batch.length);
      singly = Math.max(0, singly - 1);
    }
  }

  function flush(): Promise<void> {
    writing ??= write().finally(() => {
      writing = null;
    });
    return writing;
  }

  return {
    add(record) {
      if (waiting.length >= capacity) lost.inc();
      else waiting.push(record);
      if (waiting.length >= promptSize) void flush();
    },
    async close() {
      clearInterval(timer);
      await writing;
      await flush();
      if (waiting.length > 0) lose(waiting.length, new Error('Postgres is away'));
    },
  };
}
