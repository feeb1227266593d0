import type { Json } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { shortenValue } from './shorten-value.ts';

const shortened = (value: Json, chars: number) => {
  const { text, cut } = shortenValue(value, chars);
  expect(text.length).toBeLessThanOrEqual(chars);
  expect(cut).toBe(true);
  return JSON.parse(text);
};

test('what fits is told as it is', () => {
  expect(shortenValue({ a: [1, 2] }, 20)).toEqual({ text: '{"a":[1,2]}', cut: false });
});

test('a long list: its number, first and last entries, figures of its numbers and how often its few values are there', () => {
  const samples = Array.from({ length: 1_000 }, (_, at) => ({
    at: `t${at}`,
    value: at,
    state: at % 4 === 0 ? 'critical' : 'ok',
  }));
  expect(shortened({ samples }, 500).samples).toMatchObject({
    entries: 1_000,
    first: expect.arrayContaining([samples[0]]),
    last: samples[999],
    numbers: { value: { min: 0, max: 999, mean: 499.5 } },
    counts: { state: { critical: 250, ok: 750 } },
  });
});

test('values that are as many as the entries, or long, are not counted', () => {
  const list = Array.from({ length: 100 }, (_, at) => ({ id: `i${at}`, text: 'x'.repeat(50) }));
  expect(shortened(list, 600)).not.toHaveProperty('counts');
});

test('an object with many keys is told like a list', () => {
  const load = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`host-${at}`, at]));
  expect(shortened({ load }, 300).load).toMatchObject({
    entries: 500,
    first: { 'host-0': 0 },
    numbers: { value: { min: 0, max: 499 } },
  });
});

test('a long text keeps its end', () => {
  const log = `started${' .'.repeat(5_000)} failed: disk full`;
  const text: string = shortened({ log }, 400).log;
  expect(text).toMatch(/^started/);
  expect(text).toContain(`(${log.length} characters)`);
  expect(text).toMatch(/failed: disk full$/);
});

test('where nothing else fits, what is told is the beginning of the shortest', () => {
  const lists = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`list${at}`, Array(99).fill('y')]));
  const { text } = shortenValue(lists, 200);
  expect(text).toHaveLength(200);
  expect(text).toContain('list4');
});
