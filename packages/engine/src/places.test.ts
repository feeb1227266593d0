import { expect, test } from 'vitest';
import { createPlaces } from './places.ts';

test('a full worker has no room, and nobody who waited is left behind once it is idle', async () => {
  const places = createPlaces(2);
  const woken: number[] = [];
  for (let n = 0; n < 3; n += 1) places.take();
  expect([places.room(), places.roomAfter(1)]).toEqual([0, 0]);
  const waiters = [0, 1].map((n) => places.untilFree().then(() => woken.push(n)));
  places.give();
  places.give();
  await waiters[0];
  expect(woken).toEqual([0]);
  places.give();
  await Promise.all(waiters);
  expect(places.room()).toBe(2);
});

test('who waits is let go at the end', async () => {
  const places = createPlaces(1);
  places.take();
  const waiting = places.untilFree();
  places.release();
  await waiting;
  await places.untilFree();
});
