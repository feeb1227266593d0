import { sameKeystrokeMs } from '@planyard/runtime';
import { CliError } from '../cli-error.ts';
import { evidenceText, shortfallText, summaryLine } from '../output/answer-text.ts';
import { createRunProgress, type RunProgress } from '../output/run-progress.ts';
import { createStyle } from '../output/style.ts';
import { printable } from '../output/text.ts';
import type { Session } from '../session.ts';

const INTERRUPTED = 130;
/** Milliseconds for the gateway to take a cancel after Ctrl-C. */
const cancelPatience = 3_000;

/** Starts a run; the signal gives up waiting for the reply. */
export type StartRun<R extends { id: string }> = (signal: AbortSignal) => Promise<R>;

/**
 * Starts a run and shows its steps to its end. Ctrl-C cancels the run, also one whose acceptance is still on its way; a
 * second one leaves at once.
 */
export async function followRun<R extends { id: string }>(
  { client, io }: Session,
  start: StartRun<R>,
): Promise<R> {
  const left = new AbortController();
  let id: string | undefined;
  let interruptedAt: number | undefined;
  const started = start(left.signal);
  const stopListening = io.onInterrupt(() => {
    if (interruptedAt !== undefined) {
      if (io.now() - interruptedAt > sameKeystrokeMs) left.abort();
    } else {
      interruptedAt = io.now();
      const patience = setTimeout(() => left.abort(), cancelPatience);
      patience.unref();
      started.then((run) => client.runs.cancel(run.id)).catch(() => left.abort());
    }
  });
  try {
    const run = await started;
    id = run.id;
    await showSteps(client.runs.events(id, { signal: left.signal }), createRunProgress(io, id));
    if (interruptedAt !== undefined) throw new CliError(`Cancelled run ${id}.`, INTERRUPTED);
    return run;
  } catch (error) {
    if (!left.signal.aborted) throw error;
    throw new CliError(leftText(id), INTERRUPTED);
  } finally {
    stopListening();
  }
}

function leftText(id: string | undefined): string {
  if (id !== undefined) return `Left run ${id}: if it still goes on, \`planyard runs cancel ${id}\` ends it.`;
  return 'Left before the reply: if the run was accepted, it goes on. `planyard runs list` names it, `planyard runs cancel` ends it.';
}

async function showSteps(events: ReturnType<Session['client']['runs']['events']>, progress: RunProgress) {
  try {
    for await (const event of events) progress.event(event);
  } finally {
    progress.close();
  }
}

/** Shows a run's steps as they run, and prints the answer with its evidence. */
export async function watchRun(
  session: Session,
  start: StartRun<{ id: string; conversation_id?: string | null }>,
): Promise<void> {
  const { id, conversation_id } = await followRun(session, start);
  const { client, io, format } = session;
  const run = await client.runs.get(id);
  if (format === 'json') io.out(`${JSON.stringify(run, null, 2)}\n`);
  else {
    if (run.answer !== null)
      io.out(`${printable(run.answer).trimEnd()}\n${evidenceText(run, io.outColumns)}`);
    io.err(`\n${shortfallText(run)}${createStyle(io.color).dim(summaryLine(run))}\n`);
  }
  if (conversation_id && format !== 'json') io.err(`Go on with --conversation ${conversation_id}\n`);
  if (run.status === 'failed' || run.status === 'cancelled') throw new CliError('');
}
