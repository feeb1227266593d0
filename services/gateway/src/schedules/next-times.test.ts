import { CronExpression } from 'cron-parser';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { call, openGateway } from '../testing/open-gateway.ts';
import { createNextTimes } from './next-times.ts';

function spyOnLooks() {
  const looks = vi.spyOn(CronExpression.prototype, 'next');
  onTestFinished(() => looks.mockRestore());
  return looks;
}

test('next times are found once until the first of them has passed, those of so many expressions', () => {
  const nextTimes = createNextTimes(2);
  const looks = spyOnLooks();
  const minute = (cron: string, nowMs: number, timezone = 'UTC') => {
    looks.mockClear();
    const [first = 0] = nextTimes({ cron, timezone }, nowMs);
    return { first: first / 60_000, looks: looks.mock.calls.length };
  };
  expect(minute('*/5 * * * *', 0)).toEqual({ first: 5, looks: 5 });
  expect(minute('*/5 * * * *', 299_999)).toEqual({ first: 5, looks: 0 });
  expect(minute('*/5 * * * *', 300_000)).toEqual({ first: 10, looks: 5 });
  expect(minute('0 1 * * *', 0)).toEqual({ first: 60, looks: 5 });
  expect(minute('0 1 * * *', 0, 'Europe/Berlin')).toEqual({ first: 24 * 60, looks: 5 });
  expect(minute('0 1 * * *', 0).looks).toBe(0);
  expect(minute('*/5 * * * *', 300_000).looks).toBe(5);
});

test('a list of schedules looks for no times that were told before', async () => {
  const gateway = await openGateway(inject('redisUrl'));
  onTestFinished(() => gateway.close());
  const key = await gateway.key(['runs:read', 'runs:write']);
  const rare = { cron: '0 0 29 2 *', timezone: 'America/St_Johns', question: 'what is up?' };
  const made = await call(gateway, 'POST', '/v1/schedules', { key, body: rare });
  const looks = spyOnLooks();
  const { json } = await call(gateway, 'GET', '/v1/schedules', { key });
  expect(json.data).toMatchObject([{ next_runs: made.json.next_runs }]);
  expect(json.data[0].next_runs).toHaveLength(5);
  expect(looks).not.toHaveBeenCalled();
});
