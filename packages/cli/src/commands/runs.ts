import { evidenceText, shortfallText, summaryLine } from '../output/answer-text.ts';
import { duration, oneLine, printable, table } from '../output/text.ts';
import type { Session } from '../session.ts';
import { watchRun } from './watch-run.ts';

/** Arguments of a tool. */
export type JsonArguments = NonNullable<
  NonNullable<Parameters<Session['client']['runs']['decide']>[3]>['args']
>;

export interface ListRunsOptions {
  status?:
    | 'accepted'
    | 'planning'
    | 'executing'
    | 'joining'
    | 'completed'
    | 'partial'
    | 'failed'
    | 'cancelled';
  agent?: string;
  text?: string;
  limit: number;
  cursor?: string;
}

export async function listRuns({ client, io, format }: Session, options: ListRunsOptions): Promise<void> {
  const page = await client.runs.list(options);
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map((run) => [
    run.id,
    run.status,
    `${duration(Math.max(0, io.now() - Date.parse(run.created_at)))} ago`,
    run.planner ?? '',
    run.question,
  ]);
  io.out(table(['RUN', 'STATUS', 'ASKED', 'PLANNER', 'QUESTION'], rows, io.outColumns));
  if (page.next_cursor !== null) io.err(`There are more:\nplanyard runs list --cursor ${page.next_cursor}\n`);
}

export async function getRun({ client, io, format }: Session, id: string): Promise<void> {
  const run = await client.runs.get(id);
  if (format === 'json') {
    io.out(`${JSON.stringify(run, null, 2)}\n`);
    return;
  }
  const steps = run.steps.map((step) => [
    step.id,
    step.tool,
    step.status,
    step.copied_from !== null
      ? 'copied'
      : step.duration_ms === null
        ? ''
        : `${duration(step.duration_ms)}${step.cached ? ', cached' : ''}`,
    step.error?.message ?? step.purpose,
  ]);
  const answer =
    run.answer === null ? '' : `\n${printable(run.answer).trimEnd()}\n${evidenceText(run, io.outColumns)}`;
  const shortfall = shortfallText(run);
  io.out(
    [
      `${oneLine(run.question, 500)}\n${summaryLine(run)}\n`,
      answer,
      shortfall === '' ? '' : `\n${shortfall}`,
      steps.length === 0 ? '' : `\n${table(['STEP', 'TOOL', 'STATUS', 'TIME', ''], steps, io.outColumns)}`,
    ].join(''),
  );
}

export async function printEvents({ client, io, format }: Session, id: string, after: number): Promise<void> {
  const left = new AbortController();
  const stopListening = io.onInterrupt(() => left.abort());
  try {
    for await (const event of client.runs.events(id, { after, signal: left.signal }))
      io.out(
        format === 'json'
          ? `${JSON.stringify(event)}\n`
          : `${String(event.number).padStart(4)}  ${event.at}  ${event.type.padEnd(22)} ${oneLine(JSON.stringify(event.data), Math.max(40, io.outColumns - 56))}\n`,
      );
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    stopListening();
  }
}

export async function decideStep(
  { client, io, format }: Session,
  run: string,
  step: string,
  verb: 'approve' | 'reject',
  said: { args?: JsonArguments; comment?: string },
): Promise<void> {
  const decided = await client.runs.decide(run, step, verb, said);
  if (format === 'json') io.out(`${JSON.stringify(decided, null, 2)}\n`);
  else {
    const edited = decided.approval?.edited ? ' with other arguments' : '';
    io.out(`${verb === 'approve' ? 'Approved' : 'Rejected'} ${decided.id} (${decided.tool})${edited}\n`);
  }
}

/** Runs an ended run again, and watches that. */
export async function rerun(
  session: Session,
  id: string,
  request: { from?: string; args?: JsonArguments },
): Promise<void> {
  const run = await session.client.runs.rerun(id, request);
  if (session.format === 'text') session.io.err(`Run ${run.id}\n`);
  await watchRun(session, run.id);
}

export async function cancelRun({ client, io, format }: Session, id: string): Promise<void> {
  const run = await client.runs.cancel(id);
  io.out(format === 'json' ? `${JSON.stringify(run, null, 2)}\n` : `Cancelling ${id}\n`);
}
