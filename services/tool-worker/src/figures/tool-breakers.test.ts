import { PlanyardError } from '@planyard/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { guardCalls } from './guard-calls.ts';
import { createToolBreakers, type ToolBreakers } from './tool-breakers.ts';
import { measureTools } from './tool-figures.ts';

const settings = { error_percent: 50, min_calls: 3, window_ms: 60_000, reset_ms: 1_000 };
let breakers: ToolBreakers;
beforeEach(() => {
  vi.useFakeTimers();
  breakers = createToolBreakers(settings);
});
afterEach(() => {
  breakers.close();
  vi.useRealTimers();
});

/** opossum learns of an end in a microtask. */
const settled = () => vi.advanceTimersByTimeAsync(0);
async function call(end: 'worked' | 'failed' | 'says_nothing') {
  breakers.enter('a.b')(end);
  await settled();
}

test('it opens when more than the share has failed, of enough calls', async () => {
  for (const end of ['failed', 'failed'] as const) await call(end);
  expect(breakers.state('a.b')).toBe('closed');
  await call('failed');
  expect(breakers.state('a.b')).toBe('open');
  expect(() => breakers.enter('a.b')).toThrow(expect.objectContaining({ code: 'tool_breaker_open' }));
  expect(breakers.state('a.other')).toBe('closed');
});

test("callers' mistakes and those who left open nothing and close nothing", async () => {
  for (let at = 0; at < 20; at += 1) await call('says_nothing');
  for (let at = 0; at < 3; at += 1) await call('failed');
  await vi.advanceTimersByTimeAsync(settings.reset_ms);
  expect(breakers.state('a.b')).toBe('half_open');
  await call('says_nothing');
  expect(breakers.state('a.b')).toBe('half_open');
  await call('worked');
  expect(breakers.state('a.b')).toBe('closed');
});

test('one probe at a time; a probe that fails makes it rest again', async () => {
  for (let at = 0; at < 3; at += 1) await call('failed');
  await vi.advanceTimersByTimeAsync(settings.reset_ms);
  const probe = breakers.enter('a.b');
  await settled();
  expect(() => breakers.enter('a.b')).toThrow(PlanyardError);
  probe('failed');
  await settled();
  expect(breakers.state('a.b')).toBe('open');
});

test.each([
  [new PlanyardError('tool_failed'), 0],
  [new PlanyardError('not_found'), 1],
  [new PlanyardError('invalid_args'), 1],
])('%s: success is %d', async (error, success) => {
  const figures = measureTools();
  const guard = guardCalls({ breakers, figures });
  await guard('a.b', new AbortController().signal, async () => 1);
  await expect(
    guard('a.b', new AbortController().signal, async () => {
      throw error;
    }),
  ).rejects.toBe(error);
  const [[, measured] = []] = figures.all();
  expect(measured?.success).toBeCloseTo(success === 1 ? 1 : 0.98 / 1.98);
});

test('a timeout counts against the tool, a lease that is lost does not', async () => {
  const figures = measureTools();
  const guard = guardCalls({ breakers, figures });
  for (const code of ['timeout', 'stale'] as const) {
    const controller = new AbortController();
    controller.abort(new PlanyardError(code));
    await guard('a.b', controller.signal, () => Promise.reject(new Error('aborted'))).catch(() => undefined);
  }
  const [[, measured] = []] = figures.all();
  expect(measured).toMatchObject({ calls: 1, success: 0 });
});

test('averages follow what happens now', () => {
  const figures = measureTools();
  for (let at = 0; at < 200; at += 1) figures.called('a.b', 100, true);
  for (let at = 0; at < 200; at += 1) figures.called('a.b', 10, false);
  const [[, measured] = []] = figures.all();
  expect(measured?.ms).toBeLessThan(12);
  expect(measured?.success).toBeLessThan(0.03);
  expect(measured?.calls).toBeCloseTo(50, 0);
});
