import { expect, test } from 'vitest';
import type { RawRequest } from '../http/route.ts';
import { healthRoutes } from './health.ts';

test('whoever asks while the dependencies are looked at gets what that look finds', async () => {
  let looks = 0;
  let found = () => {};
  const check = () => {
    looks += 1;
    return new Promise<void>((resolve) => {
      found = resolve;
    });
  };
  const routes = healthRoutes({ checks: [{ name: 'postgres', check }] });
  const ready = routes.find(({ path }) => path === '/readyz');
  const ask = () => ready?.answer({ params: {}, query: {} } as RawRequest);
  const asked = Array.from({ length: 1_000 }, ask);
  expect(looks).toBe(1);
  found();
  const replies = await Promise.all(asked);
  expect(new Set(replies.map((reply) => reply?.status))).toEqual(new Set([200]));
  const later = ask();
  expect(looks).toBe(2);
  found();
  await later;
});
