import { table } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { JsonArguments } from './runs.ts';

type Schedule = Awaited<ReturnType<Session['client']['schedules']['get']>>;

export interface CreateScheduleOptions {
  cron: string;
  timezone?: string;
  name?: string;
  agent?: string;
  composition?: string;
  parameters?: JsonArguments;
}

/** A question, or a composition, again and again. */
export async function createSchedule(
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

export async function listSchedules(
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
  if (page.next_cursor !== null) io.err(`More: planyard schedules list --cursor ${page.next_cursor}\n`);
}

export async function getSchedule(session: Session, id: string): Promise<void> {
  show(session, await session.client.schedules.get(id));
}

export async function changeSchedule(session: Session, id: string, verb: 'pause' | 'resume'): Promise<void> {
  show(session, await session.client.schedules[verb](id));
}

export async function deleteSchedule({ client, io, format }: Session, id: string): Promise<void> {
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
