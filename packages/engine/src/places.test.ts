import { expect, test } from 'vitest';
import { createPlaces } from './places.ts';

test('a full worker has no room, and nobody who waited is left behind once it is idle', async () => {
  const places = createPlaces(2);
  const woken: number[] = [];
  expect(places.take(2)).toBe(2);
  expect(places.take(1)).toBe(0);
  const waiters = [0, 1].map((n) => places.untilFree().then(() => woken.push(n)));
  places.give(1);
  await waiters[0];
  expect(woken).toEqual([0]);
  places.give(1);
  await Promise.all(waiters);
  expect(places.take(9)).toBe(2);
});

test('of several that wait for one place each is let go when nothing runs: the first may find no job', async () => {
  const places = createPlaces(1);
  places.take(1);
  const waiters = [places.untilFree(), places.untilFree(), places.untilIdle()];
  places.give(1);
  await Promise.all(waiters);
});

test('a worker in which anything runs is not idle', async () => {
  const places = createPlaces(2);
  const woken: string[] = [];
  places.take(2);
  const idle = places.untilIdle().then(() => woken.push('idle'));
  const job = places.untilFree().then(() => woken.push('job'));
  places.give(1);
  await job;
  expect(woken).toEqual(['job']);
  places.give(1);
  await idle;
  expect(woken).toEqual(['job', 'idle']);
});

test('who waits is let go at the end', async () => {
  const places = createPlaces(1);
  places.take(1);
  const waiting = places.untilFree();
  places.release();
  await waiting;
  await places.untilFree();
});

test('a job may exceed the limit by a quarter; what is asked for counts before it has come', () => {
  const places = createPlaces(8);
  expect([places.take(6), places.take(6), places.take(1)]).toEqual([6, 4, 0]);
  places.give(4);
  // What a step may release, and may not, keeps no job out.
  expect([places.takeAfter(1, 4), places.take(1)]).toEqual([2, 1]);
});

test('steps that are being settled hand their places over once, whoever ends meanwhile', () => {
  const places = createPlaces(4);
  places.take(3);
  expect([places.takeAfter(1, 4), places.takeAfter(1, 4), places.takeAfter(1, 4)]).toEqual([1, 1, 1]);
  // Of the first, nothing was begun.
  places.settled(1, 1, 0);
  places.give(1);
  expect(places.take(4)).toBe(1);
});
