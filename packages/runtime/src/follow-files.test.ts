import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { followFiles } from './follow-files.ts';

let dir: string;
let told: number;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'planyard-follow-'));
  told = 0;
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
});
const at = (name: string) => join(dir, name);

async function follow(...names: string[]) {
  const files = followFiles(() => {
    told += 1;
  });
  onTestFinished(files.close);
  await files.follow(names.map(at));
  return files;
}

test('tells of a file that is changed, replaced, made or taken away, and of no other', async () => {
  await writeFile(at('a'), 'one');
  await follow('a', 'b');
  await writeFile(at('a'), 'two');
  await expect.poll(() => told).toBe(1);
  await writeFile(at('new'), 'three');
  await rename(at('new'), at('a'));
  await expect.poll(() => told).toBe(2);
  await writeFile(at('c'), 'not one of them');
  await writeFile(at('b'), 'here');
  await expect.poll(() => told).toBe(3);
  await rm(at('b'));
  await expect.poll(() => told).toBe(4);
});

test('tells when Kubernetes puts another version behind its links', async () => {
  for (const version of ['..1', '..2']) {
    await mkdir(at(version));
    await writeFile(join(at(version), 'key'), version);
  }
  await symlink('..1', at('..data'));
  await symlink('..data/key', at('key'));
  await follow('key');
  await symlink('..2', at('..next'));
  await rename(at('..next'), at('..data'));
  await expect.poll(() => told).toBe(1);
});

test('what is followed may change; a directory that is not there is no fault', async () => {
  await writeFile(at('a'), 'one');
  const files = await follow('a', 'nowhere/b');
  await mkdir(at('later'));
  await files.follow([at('later/c')]);
  await writeFile(at('a'), 'two');
  await writeFile(at('later/c'), 'here');
  await expect.poll(() => told).toBe(1);
});
