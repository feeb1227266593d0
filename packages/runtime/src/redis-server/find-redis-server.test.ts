import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { findRedisServer } from './find-redis-server.ts';

/** A machine whose PATH holds nothing but this `docker`; without one, nothing at all. */
async function machineWith(docker?: string) {
  const dir = await mkdtemp(join(tmpdir(), 'planyard-find-redis-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  if (docker) await writeFile(join(dir, 'docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', dir);
  onTestFinished(() => void vi.unstubAllEnvs());
  const told: string[] = [];
  return {
    told,
    found: findRedisServer({ cacheDir: join(dir, 'cache'), progress: (text) => told.push(text) }),
  };
}

const WITHOUT_IMAGE = `case "$1 $2" in "image inspect") exit 1;; esac`;

test('takes the image that is there, and pulls one that is not', async () => {
  const image = { kind: 'docker', image: 'redis:7-alpine' };
  expect(await (await machineWith('exit 0')).found).toEqual(image);
  const { told, found } = await machineWith(WITHOUT_IMAGE);
  expect(await found).toEqual(image);
  expect(told.join()).toContain('pulling redis:7-alpine');
});

test('says why there is none, and what to install', async () => {
  const offline = `${WITHOUT_IMAGE}\n[ "$1" = info ] || { echo "no route to registry" >&2; exit 1; }`;
  await expect((await machineWith(offline)).found).rejects.toThrow(
    /Docker cannot pull redis:7-alpine: no route to registry\. Install it: .*REDIS_URL/,
  );
  await expect((await machineWith()).found).rejects.toThrow(/no Docker engine answers/);
});
