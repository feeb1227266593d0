import { expect, test } from 'vitest';
import { ClientLine, type Kill, ToolLine } from './journal.ts';
import { judge } from './judge.ts';

const EQUAL = 'equal';

/** `[at, kind, key]` of a tool; each step that is not told otherwise runs in a process of its own. */
const line = (at: number, kind: string, key: string, more: object = {}) =>
  ToolLine.parse({ at, kind, key, tool: 'chaos.read', call: EQUAL, pid: 1, ...more });
const once = { tool: 'chaos.once', call: null };
const settled = (at: number, key: string, made_by = key) =>
  ClientLine.parse({ at, kind: 'settled', run: key.split('/')[0], key, made_by });
const found = (tools: ToolLine[], clients: ClientLine[] = [], kills: Kill[] = []) =>
  judge(tools, clients, kills).violations.filter((text) => !text.includes(' ended '));

/** `r/1/a` was cut off; `r/1/b` depends on it and starts at 50. */
const cutOff = (more: object = {}) => [
  line(10, 'start', 'r/1/a', more),
  line(50, 'start', 'r/1/b', { deps: ['r/1/a'], call: null, pid: 2 }),
];

test('a step whose worker died is over when an equal call has ended since, and not before', () => {
  const running = ['r/1/b started while r/1/a, which it depends on, was running'];
  expect(found(cutOff())).toEqual(running);
  const other = (end: number) => [
    line(20, 'start', 's/1/x', { pid: 3 }),
    line(end, 'end', 's/1/x', { pid: 3 }),
  ];
  expect(found([...cutOff(), ...other(40)])).toEqual([]);
  expect(found([...cutOff(), ...other(60)])).toEqual(running);
  expect(found([...cutOff(), line(40, 'end', 's/1/x', { call: 'another', pid: 3 })])).toEqual(running);
  // A frozen worker that wakes up is no other call.
  expect(found([...cutOff(), line(40, 'end', 'r/1/a', { pid: 3 })])).toEqual(running);
});

test('what was made before serves only where it is kept', () => {
  const before = (more: object = {}) => line(5, 'end', 's/1/x', { pid: 3, ...more });
  expect(found([before(), ...cutOff()])).toHaveLength(1);
  const kept = { tool: 'chaos.kept' };
  expect(found([before(kept), ...cutOff(kept)])).toEqual([]);
});

test('a step that was given up is over without an end, and had six deaths for a reason', () => {
  const told = [
    ClientLine.parse({ at: 1, kind: 'acknowledged', run: 'r' }),
    ClientLine.parse({ at: 55, kind: 'condemned', run: 'r', key: 'r/1/a' }),
  ];
  const kills = (count: number) =>
    Array.from({ length: count }, () => ({ at: 20, pid: 1, what: 'tool-worker', frozen: false }));
  expect(found(cutOff(), told, kills(6))).toEqual([]);
  expect(found(cutOff(), told, kills(5))).toEqual(['r/1/a was given up after 5 deaths']);
  expect(found([...cutOff(), line(60, 'end', 'r/1/a')], told, kills(6))).toHaveLength(1);
});

test('what a frozen process was about to call is not held against it, and all that it calls later is', () => {
  const frozen = [{ at: 12, until: 60, pid: 1, what: 'tool-worker', frozen: true }];
  const elsewhere = [line(20, 'start', 'r/1/a', { pid: 2 }), line(30, 'end', 'r/1/a', { pid: 2 })];
  const woken = [line(61, 'start', 'r/1/a'), line(62, 'failed', 'r/1/a')];
  const again = ['r/1/a started again after it had settled'];
  expect(found([...elsewhere, ...woken], [settled(40, 'r/1/a')], frozen)).toEqual([]);
  expect(found([...elsewhere, ...woken], [settled(40, 'r/1/a')])).toEqual(again);
  const other = line(60.5, 'start', 's/1/x');
  expect(found([...elsewhere, other, ...woken], [settled(40, 'r/1/a')], frozen)).toEqual(again);
});

test('a step that a process takes over as the first it does when it wakes is over when it ends there', () => {
  const frozen = [{ at: 12, until: 30, pid: 3, what: 'tool-worker', frozen: true }];
  const [died, next] = cutOff({ call: null }) as [ToolLine, ToolLine];
  const woken = (end: number) => [
    line(31, 'start', 'r/1/a', { call: null, pid: 3 }),
    line(end, 'end', 'r/1/a', { call: null, pid: 3 }),
  ];
  const running = ['r/1/b started while r/1/a, which it depends on, was running'];
  expect(found([died, ...woken(40), next], [], frozen)).toEqual([]);
  expect(found([died, ...woken(60), next], [], frozen)).toEqual(running);
  // Where the other has not died, it is the one that counts.
  const lives = line(70, 'end', 'r/1/a', { call: null });
  expect(found([died, ...woken(40), next, lives], [], frozen)).toEqual(running);
});

test('events tell of every step that reads as over', () => {
  const run = { at: 60, run: 'r', status: 'completed' };
  const ended = ClientLine.parse({ ...run, kind: 'ended' });
  const read = (untold: string[]) => ClientLine.parse({ ...run, kind: 'read', untold });
  expect(judge([], [ended, read([])], []).violations).toEqual([]);
  expect(judge([], [ended, read(['1.a failed'])], []).violations).toEqual([
    'r reads 1.a failed, which no event told',
  ]);
});

test('a call that may not be shared is over by its own end alone', () => {
  const write = { tool: 'chaos.write', call: null };
  expect(found([...cutOff(write), line(40, 'end', 's/1/x', { ...write, pid: 3 })])).toHaveLength(1);
});

test('no step reads what was not made yet', () => {
  const reads = line(50, 'start', 'r/1/b', { reads: ['s/1/x'] });
  const unmade = ['r/1/b started with a result of s/1/x, which had not made it'];
  expect(found([reads, line(60, 'end', 's/1/x')])).toEqual(unmade);
  expect(found([reads])).toEqual(unmade);
  expect(found([line(40, 'end', 's/1/x'), reads])).toEqual([]);
});

test('what a client saw completed was made, by itself or by a call that it may share', () => {
  expect(found([line(10, 'start', 'r/1/a'), line(20, 'end', 'r/1/a')], [settled(30, 'r/1/a')])).toEqual([]);
  expect(found([line(10, 'start', 'r/1/a')], [settled(30, 'r/1/a')])).toEqual([
    'r/1/a settled with what r/1/a had not made',
  ]);
  expect(found([line(20, 'end', 's/1/x')], [settled(30, 'r/1/a', 's/1/x')])).toEqual([]);
  expect(found([line(20, 'end', 's/1/x', once)], [settled(30, 'r/1/a', 's/1/x')])).toEqual([
    'r/1/a settled with what s/1/x made for its own run alone',
  ]);
  // An attempt takes over what an earlier one has done.
  expect(found([line(20, 'end', 'r/1/a', once)], [settled(30, 'r/2/a', 'r/1/a')])).toEqual([]);
});

test('nothing that a client saw settle starts again, and what must not run twice does not', () => {
  const again = [line(10, 'start', 'r/1/a'), line(20, 'end', 'r/1/a'), line(40, 'start', 'r/1/a')];
  expect(found(again, [settled(30, 'r/1/a')])).toEqual(['r/1/a started again after it had settled']);
  const twice = [line(10, 'start', 'r/1/a', once), line(40, 'start', 'r/1/a', once)];
  expect(found(twice)).toEqual(['r/1/a must not run twice and did']);
});
