import { expect, it } from 'vitest';
import { lastEventOf } from './event-stream.ts';

it('goes on after the last event by its id or number, and from the start for anything else', () => {
  expect([undefined, '', '7', '-1', 'x', '1e3', '7-', '99999999999999999999'].map(lastEventOf)).toEqual([
    0, 0, 7, 0, 0, 0, 0, 0,
  ]);
  expect(lastEventOf('7-1764424000123')).toEqual({ number: 7, at: '2025-11-29T13:46:40.123Z' });
});
