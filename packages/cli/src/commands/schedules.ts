import type { Command } from 'commander';
import { count, type JsonArguments, jsonObject } from '../option-values.ts';
import { nextPageText } from '../output/next-page.ts';
import { table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

type Schedule = Awaited<ReturnType<Session['client']['schedules']['get']>>;

interface CreateScheduleOptions {
  cron: string;
  timezone?: string;
  name?: string;
  agent?: string;
  composition?: string;
  parameters?: JsonArguments;
}

/** `planyard schedules …`. */
export function addSchedules(program: Command, { add, session }: Shell): void {
  const schedules = program.command('schedules').description('what is asked again and again');
  add(schedules, 'create', 'ask a question, or run a composition, again and again')
    .argument('[question...]', 'the question; none for a composition')
    .requiredOption('--cron <fields>', 'minute hour day month weekday, such as "0 8 * * 1-5"')
    .option('--timezone <zone>', 'of these times, such as Europe/Berlin; UTC without')
    .option('--name <name>', 'what it is called')
    .option('--agent <name>', 'the agent to ask')
    .option('--composition <name>', 'the composition to run')
    .option('--parameters <json>', 'of the composition', jsonObject)
    .action((words: string[], { output, ...options }: CreateScheduleOptions & Output) =>
      createSchedule(session({ output }), words.join(' '), options),
    );
  add(schedules, 'list', 'schedules, newest first')
    .option('--limit <number>', 'how many', count, 50)
    .option('--cursor <cursor>', 'go on after the page that named it')
    .action(({ output, ...query }: Output & { limit: number; cursor?: string }) =>
      listSchedules(session({ output }), query),
    );
  add(schedules, 'get', 'a schedule with its next times')
    .argument('<schedule>')
    .action((id: string, options: Output) => getSchedule(session(options), id));
  for (const verb of ['pause', 'resume'] as const)
    add(schedules, verb, verb === 'pause' ? 'pause a schedule' : 'go on with a schedule')
      .argument('<schedule>')
      .action((id: string, options: Output) => changeSchedule(session(options), id, verb));
  add(schedules, 'delete', 'delete a schedule; its runs stay')
    .argument('<schedule>')
    .action((id: string, options: Output) => deleteSchedule(session(options), id));
}

/** A question, or a composition, again and again. */
async function createSchedule(
  session: Session,
  question: string,
  { composition, parameters, ...options }: CreateScheduleOptions,
): Promise<void> {
  const asked =
    composition === undefined
      ? { question }
      : { composition: { name: composition, ...(parameters ? { parameters } : {}) } };
  show(session, await session.client.schedules.create({ ...options, ...asked }));
}

async function listSchedules(
  { client, io, format }: Session,
  query: { limit: number; cursor?: string },
): Promise<void> {
  const page = await client.schedules.list(query);
  if (format === 'json') {
    io.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.data.map((schedule) => [
    schedule.id,
    statusOf(schedule),
    schedule.cron,
    schedule.timezone,
    schedule.next_runs[0] ?? '',
    askedBy(schedule),
  ]);
  io.out(table(['SCHEDULE', 'STATUS', 'CRON', 'ZONE', 'NEXT', ''], rows, io.outColumns));
  io.err(nextPageText(['schedules', 'list'], query, page.next_cursor));
}

async function getSchedule(session: Session, id: string): Promise<void> {
  show(session, await session.client.schedules.get(id));
}

async function changeSchedule(session: Session, id: string, verb: 'pause' | 'resume'): Promise<void> {
  show(session, await session.client.schedules[verb](id));
}

async function deleteSchedule({ client, io, format }: Session, id: string): Promise<void> {
  await client.schedules.delete(id);
  io.out(format === 'json' ? `${JSON.stringify({ id })}\n` : `Deleted ${id}\n`);
}

function show({ io, format }: Session, schedule: Schedule): void {
  if (format === 'json') {
    io.out(`${JSON.stringify(schedule, null, 2)}\n`);
    return;
  }
  const lines = [
    ['schedule', schedule.id],
    ['asks', askedBy(schedule)],
    ['status', statusOf(schedule)],
    ['times', `${schedule.cron} (${schedule.timezone})`],
    ['next', schedule.next_runs.join(', ')],
    [
      'last',
      schedule.last_fired_at === null ? '' : `${schedule.last_fired_at} ${schedule.last_run_id ?? ''}`,
    ],
    ['error', schedule.last_error?.message ?? ''],
  ];
  io.out(
    lines
      .filter(([, value]) => value !== '')
      .map(([name = '', value]) => `${name.padEnd(10)}${value}\n`)
      .join(''),
  );
}

function statusOf({ status, paused_because }: Schedule): string {
  return paused_because === 'key_invalid' ? 'paused: its key is no longer valid' : status;
}

function askedBy({ name, request }: Schedule): string {
  return name || (request.question ?? request.composition?.name ?? '');
}
