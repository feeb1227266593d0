import { type Command, Option } from 'commander';
import { count, type JsonArguments, jsonObject } from '../option-values.ts';
import { evidenceText, shortfallText, summaryLine } from '../output/answer-text.ts';
import { nextPageText } from '../output/next-page.ts';
import { duration, oneLine, printable, table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';
import { watchRun } from './watch-run.ts';

const STATUSES = [
  'accepted',
  'planning',
  'executing',
  'joining',
  'completed',
  'partial',
  'failed',
  'cancelled',
] as const;

interface ListRunsOptions {
  status?: (typeof STATUSES)[number];
  agent?: string;
  text?: string;
  limit: number;
  cursor?: string;
}

/** `planyard runs …`. */
export function addRuns(program: Command, { add, session }: Shell): void {
  const runs = program.command('runs').description('what was asked');
  add(runs, 'list', 'runs, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(STATUSES))
    .option('--agent <name>', 'only of this agent')
    .option('--text <text>', 'only questions with this text')
    .option('--limit <number>', 'how many', count, 20)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(({ output, ...query }: ListRunsOptions & Output) => listRuns(session({ output }), query));
  add(runs, 'get', 'a run with its answer and steps')
    .argument('<run>')
    .action((id: string, options: Output) => getRun(session(options), id));
  add(runs, 'events', 'the events of a run, from its start to its end')
    .argument('<run>')
    .option('--after <number>', 'go on after the event of this number', count, 0)
    .action((id: string, options: Output & { after: number }) =>
      printEvents(session(options), id, options.after),
    );
  add(runs, 'cancel', 'stop a run')
    .argument('<run>')
    .action((id: string, options: Output) => cancelRun(session(options), id));
  add(runs, 'rerun', 'run an ended run again, and watch it')
    .argument('<run>')
    .option(
      '--from <step>',
      'from this step on, such as owner or 1.owner; what does not depend on it is copied',
    )
    .option('--args <json>', 'other arguments of that step', jsonObject)
    .action((id: string, { output, ...request }: Output & { from?: string; args?: JsonArguments }) =>
      rerun(session({ output }), id, request),
    );
  add(runs, 'approve', 'let a step run that waits for a person; needs a key with runs:approve')
    .argument('<run>')
    .argument('<step>', 'its id, such as 1.restart')
    .option('--args <json>', 'with these arguments in place of those it asked with', jsonObject)
    .option('--call <name>', 'only if it still asks about this call')
    .option('--comment <text>', 'why')
    .action((id: string, step: string, { output, ...said }: Output & Decision & { args?: JsonArguments }) =>
      decideStep(session({ output }), id, step, 'approve', said),
    );
  add(runs, 'reject', 'refuse a step that waits for a person')
    .argument('<run>')
    .argument('<step>', 'its id, such as 1.restart')
    .option('--call <name>', 'only if it still asks about this call')
    .option('--comment <text>', 'why')
    .action((id: string, step: string, { output, ...said }: Output & Decision) =>
      decideStep(session({ output }), id, step, 'reject', said),
    );
}

async function listRuns({ client, io, format }: Session, query: ListRunsOptions): Promise<void> {
  const page = await client.runs.list(query);
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
  io.err(nextPageText(['runs', 'list'], { ...query }, page.next_cursor));
}

async function getRun({ client, io, format }: Session, id: string): Promise<void> {
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

async function printEvents({ client, io, format }: Session, id: string, after: number): Promise<void> {
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

interface Decision {
  comment?: string;
  call?: string;
}

async function decideStep(
  { client, io, format }: Session,
  run: string,
  step: string,
  verb: 'approve' | 'reject',
  said: Decision & { args?: JsonArguments },
): Promise<void> {
  const decided = await client.runs.decide(run, step, verb, said);
  if (format === 'json') io.out(`${JSON.stringify(decided, null, 2)}\n`);
  else {
    const edited = decided.approval?.edited ? ' with other arguments' : '';
    io.out(`${verb === 'approve' ? 'Approved' : 'Rejected'} ${decided.id} (${decided.tool})${edited}\n`);
  }
}

/** Runs an ended run again, and watches that. */
async function rerun(
  session: Session,
  id: string,
  request: { from?: string; args?: JsonArguments },
): Promise<void> {
  await watchRun(session, async (signal) => {
    const run = await session.client.runs.rerun(id, request, { signal });
    if (session.format === 'text') session.io.err(`Run ${run.id}\n`);
    return { id: run.id };
  });
}

async function cancelRun({ client, io, format }: Session, id: string): Promise<void> {
  const run = await client.runs.cancel(id);
  io.out(format === 'json' ? `${JSON.stringify(run, null, 2)}\n` : `Cancelling ${id}\n`);
}
