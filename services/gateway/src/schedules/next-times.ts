import { type CronTimes, timesAfter } from './cron-times.ts';

const SHOWN = 5;

/** Tells the next five times after one, in milliseconds since the epoch. Rare ones take long to find: those of `most` expressions are remembered until the first of them has passed. */
export function createNextTimes(most = 10_000): (cron: CronTimes, nowMs: number) => number[] {
  const known = new Map<string, number[]>();
  return (cron, nowMs) => {
    const key = `${cron.timezone} ${cron.cron}`;
    const found = known.get(key);
    if (found?.[0] !== undefined && found[0] > nowMs) return found;
    const times = timesAfter(cron, nowMs, SHOWN);
    known.delete(key);
    known.set(key, times);
    if (known.size > most) known.delete(known.keys().next().value as string);
    return times;
  };
}
