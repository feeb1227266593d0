import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DirectoryFile, type WatchedDirectory, watchDirectory } from './watch-directory.ts';

let dir: string;
let watched: WatchedDirectory | undefined;
let told: Array<Record<string, string>>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'planyard-watch-'));
  told = [];
});
afterEach(async () => {
  watched?.close();
  await rm(dir, { recursive: true, force: true });
});

const texts = (files: DirectoryFile[]) => Object.fromEntries(files.map(({ path, text }) => [path, text]));
async function open() {
  watched = await watchDirectory(dir, {
    onChange: (files) => told.push(texts(files)),
    onError: (error) => {
      throw error;
    },
  });
  return texts(watched.files);
}

test('tells of files that are changed, added and removed, also in folders, and of no other', async () => {
  await mkdir(join(dir, 'more'));
  await writeFile(join(dir, 'a.yaml'), 'one');
  expect(await open()).toEqual({ 'a.yaml': 'one' });
  await writeFile(join(dir, 'a.yaml'), 'two');
  await expect.poll(() => told.at(-1)).toEqual({ 'a.yaml': 'two' });
  await writeFile(join(dir, 'more', 'b.yml'), 'new');
  await writeFile(join(dir, 'c.txt'), 'not one of them');
  await expect.poll(() => told.at(-1)).toEqual({ 'a.yaml': 'two', 'more/b.yml': 'new' });
  await rm(join(dir, 'a.yaml'));
  await expect.poll(() => told.at(-1)).toEqual({ 'more/b.yml': 'new' });
});

test('sees each file once, and its change, where Kubernetes mounts them', async () => {
  for (const version of ['..1', '..2']) {
    await mkdir(join(dir, version));
    await writeFile(join(dir, version, 'a.yaml'), version);
  }
  await symlink('..1', join(dir, '..data'));
  await symlink('..data/a.yaml', join(dir, 'a.yaml'));
  expect(await open()).toEqual({ 'a.yaml': '..1' });
  await symlink('..2', join(dir, '..next'));
  await rename(join(dir, '..next'), join(dir, '..data'));
  await expect.poll(() => told.at(-1)).toEqual({ 'a.yaml': '..2' });
});
