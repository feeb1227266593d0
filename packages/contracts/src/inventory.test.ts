import { expect, test } from 'vitest';
import { MetricSample } from './inventory.ts';

const sampled = (value: unknown) =>
  MetricSample.safeParse({ code: 'a', metric: 'm', at: '2026-11-20T10:00:00Z', value }).data?.value;

test('a sample is a decimal number, however it is written', () => {
  for (const [written, value] of [
    ['1', 1],
    [' +2.50 ', 2.5],
    ['-.5', -0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['5.e-1', 0.5],
  ] as const)
    expect(sampled(written), written).toBe(value);
  for (const written of ['', '.', 'e1', '1.2.3', '0x10', '1,5', 'Infinity'])
    expect(sampled(written), written).toBeUndefined();
});

test('a cell of a million digits is read once', () => {
  expect(sampled(`${'1'.repeat(1_000_000)}x`)).toBeUndefined();
});
