import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readCatalogs } from './parse-file.ts';

test('a catalog is read when the one before it is done with', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'planyard-catalogs-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const opened: string[] = [];
  const files = ['a.yaml', 'b.csv', 'c.yml'].map((name) => ({
    name,
    digest: Buffer.alloc(0),
    get path() {
      if (opened.at(-1) !== name) opened.push(name);
      return join(dir, name);
    },
  }));
  for (const { name } of files) await writeFile(join(dir, name), `# ${name}`);
  const told: unknown[] = [];
  for await (const text of readCatalogs(files)) told.push([text, ...opened]);
  expect(told).toEqual([
    ['# a.yaml', 'a.yaml'],
    ['# c.yml', 'a.yaml', 'c.yml'],
  ]);
});
