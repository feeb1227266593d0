import type { Fault } from '@planyard/contracts';
import { CronExpressionParser } from 'cron-parser';

export interface CronTimes {
  cron: string;
  timezone: string;
}

/** Times that are looked at to see how close they come. */
const LOOKED_AT = 50;

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
    const times = timesAfter({ cron, timezone }, nowMs, LOOKED_AT);
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
    if (gaps.some((gap) => gap < minSeconds * 1000))
      return [{ path: 'cron', message: `comes more often than every ${minSeconds} seconds` }];
    return [];
  } catch (error) {
    return [{ path: 'cron', message: error instanceof Error ? error.message : String(error) }];
  }
}

/** The next `count` times after one, in milliseconds since the epoch; fewer where there are no more. Throws for what is no cron expression, or never comes. */
export function timesAfter({ cron, timezone }: CronTimes, afterMs: number, count: number): number[] {
  const expression = CronExpressionParser.parse(cron, { tz: timezone, currentDate: new Date(afterMs) });
  const times = [expression.next().getTime()];
  while (times.length < count && expression.hasNext()) times.push(expression.next().getTime());
  return times;
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
