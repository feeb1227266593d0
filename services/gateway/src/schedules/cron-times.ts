import type { Fault } from '@planyard/contracts';
import { type CronExpression, CronExpressionParser, CronMonth } from 'cron-parser';

export interface CronTimes {
  cron: string;
  timezone: string;
}

/** Times that are looked at to see how close they come. */
const LOOKED_AT = 50;
/** Every day of the calendar comes in it, and later times come no closer: a rare one takes tens of milliseconds to find. */
const YEAR_MS = 366 * 86_400_000;

/** What is wrong with a cron expression or a time zone, each with its place. `minSeconds`: between two times at least. */
export function faultsOfCron({ cron, timezone }: CronTimes, minSeconds: number, nowMs: number): Fault[] {
  if (!isTimeZone(timezone))
    return [{ path: 'timezone', message: `"${timezone}" is no time zone such as Europe/Berlin` }];
  const fields = cron.split(/\s+/).length;
  if (!cron.startsWith('@') && fields !== 5 && fields !== 6)
    return [{ path: 'cron', message: `has ${fields} fields: give five, or six with seconds in front` }];
  // The parser draws lots for it: each reader would see other times.
  if (/(^|[\s,])H/.test(cron)) return [{ path: 'cron', message: 'H, a time by chance, is not taken' }];
  try {
    if (neverComes(CronExpressionParser.parse(cron)))
      return [{ path: 'cron', message: 'no month of these has such a day' }];
    if (comesWithin(minSeconds * 1000, { cron, timezone }, nowMs))
      return [{ path: 'cron', message: `comes more often than every ${minSeconds} seconds` }];
    return [];
  } catch (error) {
    return [{ path: 'cron', message: error instanceof Error ? error.message : String(error) }];
  }
}

/** Whether no month has such a day. The parser sees that of a single month, of several it looks through decades. */
function neverComes({ fields: { dayOfMonth, month, dayOfWeek } }: CronExpression): boolean {
  // Of `L`, the last day, this is no number.
  const first = Math.min(...dayOfMonth.values.map(Number));
  return dayOfWeek.isWildcard && month.values.every((each) => first > (CronMonth.daysInMonth[each - 1] ?? 0));
}

/** Whether two times lie closer to each other. */
function comesWithin(ms: number, cron: CronTimes, nowMs: number): boolean {
  let first: number | undefined;
  let last: number | undefined;
  for (const time of timesFrom(cron, nowMs).take(LOOKED_AT)) {
    if (last !== undefined && time - last < ms) return true;
    first ??= time;
    last = time;
    if (time - first > YEAR_MS) return false;
  }
  return false;
}

/** The next `count` times after one, in milliseconds since the epoch; fewer where there are no more. Throws for what is no cron expression, or never comes. */
export function timesAfter(cron: CronTimes, afterMs: number, count: number): number[] {
  return [...timesFrom(cron, afterMs).take(count)];
}

/** Finds each time when it is asked for. */
function* timesFrom({ cron, timezone }: CronTimes, afterMs: number): Generator<number> {
  const expression = CronExpressionParser.parse(cron, { tz: timezone, currentDate: new Date(afterMs) });
  yield expression.next().getTime();
  // To ask whether there is a next one takes as long as finding it.
  for (let time = nextOf(expression); time !== null; time = nextOf(expression)) yield time;
}

function nextOf(expression: CronExpression): number | null {
  try {
    return expression.next().getTime();
  } catch {
    return null;
  }
}

/** The last time up to one, itself included. */
export function lastTime({ cron, timezone }: CronTimes, untilMs: number): number {
  const options = { tz: timezone, currentDate: new Date(untilMs + 1) };
  return CronExpressionParser.parse(cron, options).prev().getTime();
}

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
