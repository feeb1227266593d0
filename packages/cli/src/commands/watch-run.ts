import { CliError } from '../cli-error.ts';
import { evidenceText, shortfallText, summaryLine } from '../output/answer-text.ts';
import { createRunProgress } from '../output/run-progress.ts';
import { createStyle } from '../output/style.ts';
import { printable } from '../output/text.ts';
import type { Session } from '../session.ts';

const INTERRUPTED = 130;
/** Milliseconds for the gateway to take a cancel after Ctrl-C. */
const cancelPatience = 3_000;

/** Shows a run's steps as they run, to its end. Ctrl-C cancels the run; a second one leaves at once. */
export async function followRun({ client, io }: Session, id: string): Promise<void> {
  const left = new AbortController();
  const progress = createRunProgress(io, id);
  let interrupts = 0;
  const stopListening = io.onInterrupt(() => {
    interrupts += 1;
    if (interrupts > 1) left.abort();
    else {
      const patience = setTimeout(() => left.abort(), cancelPatience);
      patience.unref();
      client.runs.cancel(id).catch(() => left.abort());
    }
  });
  try {
    for await (const event of client.runs.events(id, { signal: left.signal })) progress.event(event);
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    stopListening();
    progress.close();
  }
  if (interrupts > 0) throw new CliError(`Cancelled run ${id}.`, INTERRUPTED);
}

/** Shows a run's steps as they run, and prints the answer with its evidence. */
export async function watchRun(
  session: Session,
  id: string,
  /** Told after all else. */
  hint = '',
): Promise<void> {
  await followRun(session, id);
  const { client, io, format } = session;
  const run = await client.runs.get(id);
  if (format === 'json') io.out(`${JSON.stringify(run, null, 2)}\n`);
  else {
    if (run.answer !== null)
      io.out(`${printable(run.answer).trimEnd()}\n${evidenceText(run, io.outColumns)}`);
    io.err(`\n${shortfallText(run)}${createStyle(io.color).dim(summaryLine(run))}\n`);
  }
  if (hint !== '' && format !== 'json') io.err(`${hint}\n`);
  if (run.status === 'failed' || run.status === 'cancelled') throw new CliError('');
}
