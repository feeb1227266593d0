import { CronExpression } from 'cron-parser';
import { expect, onTestFinished, test, vi } from 'vitest';
import { faultsOfCron, lastTime, timesAfter } from './cron-times.ts';

const NOW = Date.parse('2026-11-25T10:00:30.000Z');
const iso = (times: number[]) => times.map((time) => new Date(time).toISOString());
const faults = (cron: string, timezone = 'UTC') =>
  faultsOfCron({ cron, timezone }, 60, NOW).map(({ path, message }) => `${path} ${message}`);

test('the times of a schedule are those of its zone, over the change of its clocks', () => {
  const workdays = { cron: '0 8 * * 1-5', timezone: 'Europe/Berlin' };
  expect(iso(timesAfter(workdays, Date.parse('2026-03-26T12:00:00Z'), 3))).toEqual([
    '2026-03-27T07:00:00.000Z',
    '2026-03-30T06:00:00.000Z',
    '2026-03-31T06:00:00.000Z',
  ]);
  const minutely = { cron: '* * * * *', timezone: 'UTC' };
  expect(iso([lastTime(minutely, NOW)])).toEqual(['2026-11-25T10:00:00.000Z']);
  const exact = Date.parse('2026-11-25T10:00:00.000Z');
  expect(lastTime(minutely, exact)).toBe(exact);
});

test.each([
  ['61 * * * *', 'UTC', /^cron .*61/],
  ['* * *', 'UTC', /^cron has 3 fields/],
  ['nonsense', 'UTC', /^cron has 1 fields/],
  ['0 0 30 2 *', 'UTC', /^cron /],
  ['0 0 31 4,6 *', 'UTC', /^cron no month of these has such a day/],
  ['* * * * * *', 'UTC', /^cron comes more often than every 60 seconds/],
  ['0,30 0 9 * * *', 'UTC', /^cron comes more often/],
  ['H * * * *', 'UTC', /^cron H/],
  ['0 8 * * *', 'Mars/Olympus', /^timezone /],
  ['0 8 * * *', '+02:00', /^timezone /],
])('%s in %s is refused', (cron, timezone, message) => {
  expect(faults(cron, timezone)).toEqual([expect.stringMatching(message)]);
});

test.each(['* * * * *', '0 30 8 * * *', '@daily', '0 9 * * THU', '0 0 29 2 *'])('%s is taken', (cron) => {
  expect(faults(cron)).toEqual([]);
});

test.each([
  ['0 0 29 2 *', 2],
  ['0 0 31 * *', 9],
  ['* * * * *', 50],
  ['*/10 * * * * *', 2],
  ['0 0 31 4,6 *', 0],
])('of %s no more than %i times are looked for', (cron, most) => {
  const looked = vi.spyOn(CronExpression.prototype, 'next');
  const looksAhead = vi.spyOn(CronExpression.prototype, 'hasNext');
  onTestFinished(() => {
    looked.mockRestore();
    looksAhead.mockRestore();
  });
  faultsOfCron({ cron, timezone: 'America/St_Johns' }, 60, NOW);
  expect(looked.mock.calls.length).toBeLessThanOrEqual(most);
  expect(looksAhead).not.toHaveBeenCalled();
});
