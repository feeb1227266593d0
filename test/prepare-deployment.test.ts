import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startProcess } from './support/started-process.ts';

const services = resolve(import.meta.dirname, '../deploy/run-services.ts');
const away = { REDIS_URL: 'redis://127.0.0.1:1', DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' };

test.each([
  [{ REDIS_URL: 'foo', DATABASE_URL: 'bar' }, /REDIS_URL: .*redis:\/\/[\s\S]*DATABASE_URL: .*postgres:\/\//],
  [away, /The database of DATABASE_URL cannot be set up/],
])('services that cannot start say why, without a stack or a password: %o', async (env, words) => {
  const started = startProcess([services], env);
  expect(await started.ended).toBe(78);
  expect(started.output()).toMatch(words);
  expect(started.output()).not.toMatch(/hunter2|\n {4}at /);
});
