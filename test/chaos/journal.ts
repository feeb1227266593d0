import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/*
 * What the judge reads: lines that tools and clients append to files of their own, outside Redis and Postgres. A line
 * is one write to a file opened for appending, so processes do not tear each other's lines, and a killed process
 * leaves whole lines. `at` is in milliseconds.
 */

const at = z.number();

/**
 * By a tool: `key` is the step's idempotency key, `deps` those of the steps that must be over before it, `reads` those of
 * the calls whose results it got.
 */
export const ToolLine = z.object({
  at,
  kind: z.enum(['start', 'end', 'failed']),
  key: z.string(),
  deps: z.array(z.string()).default([]),
  reads: z.array(z.string()).default([]),
  /** What an equal call has too, whose result may serve in place of this one's; null where each must make its own. */
  call: z.string().nullable().default(null),
  tool: z.string(),
  /** The process that ran it. */
  pid: z.int(),
});
export type ToolLine = z.infer<typeof ToolLine>;

/** By a client: what the gateway acknowledged, what it saw settle, and how the run ended for it. */
export const ClientLine = z.discriminatedUnion('kind', [
  z.object({ at, kind: z.literal('acknowledged'), run: z.string() }),
  /** `made_by`: the key of the call that its result says it is of; its own where it was not shared. */
  z.object({ at, kind: z.literal('settled'), run: z.string(), key: z.string(), made_by: z.string() }),
  /** It failed as `step_poisoned`: too many workers died in it. */
  z.object({ at, kind: z.literal('condemned'), run: z.string(), key: z.string() }),
  z.object({ at, kind: z.literal('ended'), run: z.string(), status: z.string() }),
  /** `untold`: steps that read as over and that no event told of. */
  z.object({
    at,
    kind: z.literal('read'),
    run: z.string(),
    status: z.string(),
    untold: z.array(z.string()).default([]),
  }),
  z.object({ at, kind: z.literal('gave_up'), run: z.string(), why: z.string() }),
]);
export type ClientLine = z.infer<typeof ClientLine>;

/** What was done to a process at `at`: killed, or stopped, to go on at `until`. */
export interface Kill {
  at: number;
  until?: number;
  pid: number;
  what: string;
  frozen: boolean;
}

/**
 * Now, on the clock of all lines: the machine's monotonic one. What `performance` tells drifts apart between processes, by
 * tens of milliseconds a minute where the time of day is being adjusted.
 */
export function journalClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

export function appendLine(
  file: string,
  line: WithoutTime<z.input<typeof ToolLine>> | WithoutTime<ClientLine>,
): void {
  appendFileSync(file, `${JSON.stringify({ at: journalClock(), ...line })}\n`);
}

export async function readLines<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line ? [schema.parse(JSON.parse(line))] : []));
}
