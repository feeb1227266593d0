import { PlanyardError } from '@planyard/contracts';
import type { Keys } from './keys.ts';
import { parseRef, refOf } from './keys.ts';
import type { Connection, LuaScript } from './lua-script.ts';
import type { Queues } from './queues.ts';
import type { RunRef } from './run-state.ts';
import type { RunScript, ScriptName, ScriptReply } from './scripts.ts';
import type { EngineSettings } from './settings.ts';

export interface EngineLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the engine reports as it happens, for metrics; durations are milliseconds. */
export interface EngineObserver {
  stepBegun?(tool: string, dispatchDelayMs: number): void;
  stepSettled?(tool: string, outcome: string, durationMs: number): void;
  repaired?(kind: string, count: number): void;
  /** A run that the reconciler looked at is not as it must be; the log names it. */
  repairFailed?(): void;
}

/** What the transitions share. */
export interface EngineContext {
  settings: EngineSettings;
  keys: Keys;
  /** For callers who would rather have an error than wait: finite retries. */
  redis: Connection;
  /** For holders of leases: waits until Redis is back. */
  workerRedis: Connection;
  script: RunScript;
  /** See read-steps.lua. */
  stepsScript: LuaScript;
  queues: Queues;
  log: EngineLog;
  observe: EngineObserver;
  /** Between 0 and 1. */
  random: () => number;
}

/** Runs a transition of one run and enqueues what it released. */
export async function transition(
  context: EngineContext,
  connection: Connection,
  name: ScriptName,
  run: RunRef,
  args: (string | number)[],
): Promise<ScriptReply> {
  const prefix = context.keys.prefix(context.keys.partitionOf(run.run_id));
  const reply = await runScript(context, connection, name, prefix, [refOf(run), ...args]);
  await enqueueReleased(context, reply);
  return reply;
}

/** A script's reply; a Redis that refuses to write or is away becomes our error. */
export async function runScript(
  context: EngineContext,
  connection: Connection,
  name: ScriptName,
  prefix: string,
  args: (string | number)[],
): Promise<ScriptReply> {
  try {
    return await context.script(connection, name, prefix, args);
  } catch (error) {
    throw toEngineError(error);
  }
}

/** Enqueues; what cannot be enqueued now has its due record, and the reconciler enqueues it. */
export async function enqueueReleased(context: EngineContext, { jobs }: ScriptReply): Promise<void> {
  if (jobs.length === 0) return;
  try {
    await context.queues.enqueue(jobs);
  } catch (error) {
    const runs = new Map(jobs.map(({ ref, request_id }) => [parseRef(ref).run_id, request_id]));
    for (const [run_id, request_id] of runs)
      context.log.warn({ err: error, request_id, run_id }, 'not enqueued; the reconciler will');
  }
}

export function toEngineError(error: unknown): PlanyardError {
  if (error instanceof PlanyardError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/^(OOM|MISCONF|NOREPLICAS)/.test(message))
    return new PlanyardError('storage_full', `Redis refuses to write: ${message.slice(0, 120)}`, {
      cause: error,
    });
  if (
    /max retries|connection is closed|ECONNREFUSED|ETIMEDOUT|ENOTFOUND|EPIPE|ECONNRESET|LOADING|Command timed out/i.test(
      message,
    )
  )
    return new PlanyardError('unavailable', 'Redis is not to be reached', { cause: error });
  return new PlanyardError('internal', undefined, { cause: error });
}

export function stale(): PlanyardError {
  return new PlanyardError('stale');
}
