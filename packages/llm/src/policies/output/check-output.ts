import { type Caller, type JsonObject, LIMITS, PlanyardError } from '@planyard/contracts';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { Tinypool } from 'tinypool';
import type { OutputSpec } from '../../contract.ts';
import type { LlmLog } from '../../log.ts';
import { ModelError } from '../../model-error.ts';
import { TooLong } from './bounded-check.ts';
import { createSchemaCheck, MOST_MS } from './schema-check.ts';
import type { ThreadCheck, ThreadReply } from './schema-thread.ts';

/** Who asks for a check, and until when they wait for it. */
export interface CheckCaller {
  caller: Caller | null;
  signal: AbortSignal;
}

export interface CheckOutput {
  /** Rejects with `bad_request` and its place for what is no schema, before a model is asked; with `rate_limited` as `faults` does. */
  prepare(output: OutputSpec, by: CheckCaller): Promise<void>;
  /** The faults of a text as JSON of that schema; none when it fits. Rejects with `rate_limited` for a user whose checks took too long together. */
  faults(text: string, schema: JsonObject, by: CheckCaller): Promise<string[]>;
  close(): void;
}

/** CPU that everybody else waits for. */
const INLINE_MS = 10;
/** CPU that a user's checks which take longer may take in a minute, together. */
const LONG_MS = 5_000;
const MINUTE_S = 60;
const IDLE_MS = 60_000;
const THREAD_MIB = 256;
/** Schemas known to take longer, the last so many. */
const KNOWN = 100;

/** Nearly every schema takes a millisecond and is checked here. What takes longer is checked in a thread, one check after the other. */
export function createOutputCheck(log: LlmLog, longMs = LONG_MS): CheckOutput {
  const inline = createSchemaCheck(INLINE_MS);
  const long = new Set<string>();
  const spent = new RateLimiterMemory({ points: longMs, duration: MINUTE_S });
  const thread = new Tinypool({
    filename: new URL('./schema-thread.ts', import.meta.url).href,
    name: 'checkInThread',
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MIB },
  });
  let last: Promise<unknown> = Promise.resolve();

  async function refuseSpender(user: string): Promise<void> {
    const state = await spent.get(user);
    if (state === null || state.remainingPoints > 0) return;
    throw new PlanyardError('rate_limited', 'the output schemas of this user take too long to check', {
      retryAfter: Math.ceil(state.msBeforeNext / 1000),
    });
  }

  async function inThread(user: string, job: ThreadCheck, signal: AbortSignal): Promise<string[]> {
    signal.throwIfAborted();
    // What others of the user took meanwhile counts.
    await refuseSpender(user);
    const reply = await (thread.run(job) as Promise<ThreadReply>).catch(lost);
    await spent.penalty(user, Math.ceil(reply.cpuMs));
    if ('faults' in reply) return reply.faults;
    if ('noSchema' in reply) throw new Error(reply.noSchema);
    throw new ModelError('bad_request', 'the output schema takes too long to check');
  }

  /** A thread that ran out of memory is replaced: its schema is as bad as one that takes too long. */
  function lost(error: unknown): ThreadReply {
    log.warn({ err: error }, 'the thread that checks output schemas ended');
    return { tooLong: true, cpuMs: MOST_MS };
  }

  async function check(job: ThreadCheck, { caller, signal }: CheckCaller): Promise<string[]> {
    const user = `${caller?.tenant}:${caller?.user}`;
    await refuseSpender(user);
    if (!long.has(job.schema))
      try {
        return inline(job.schema, job.text);
      } catch (error) {
        if (!(error instanceof TooLong)) throw error;
        await spent.penalty(user, INLINE_MS);
        if (long.size >= KNOWN) long.delete(long.values().next().value ?? '');
        long.add(job.schema);
      }
    const turn = last.then(() => inThread(user, job, signal));
    last = turn.catch(() => undefined);
    return await turn;
  }

  return {
    async prepare({ schema, path = 'output.schema' }, by) {
      const refused = (message: string, cause?: unknown) =>
        new ModelError('bad_request', `${path}: ${message}`, { cause, errors: [{ path, message }] });
      const text = JSON.stringify(schema);
      if (Buffer.byteLength(text) > LIMITS.schema_bytes)
        throw refused(`a schema may have ${LIMITS.schema_bytes / 1024} KiB`);
      try {
        await check({ schema: text, text: null }, by);
      } catch (cause) {
        by.signal.throwIfAborted();
        if (cause instanceof PlanyardError && cause.code === 'rate_limited') throw cause;
        throw refused(`it is no JSON Schema: ${(cause as Error).message}`, cause);
      }
    },
    faults: (text, schema, by) => check({ schema: JSON.stringify(schema), text }, by),
    close: () => void thread.destroy(),
  };
}
