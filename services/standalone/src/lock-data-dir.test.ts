import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockDataDir } from './lock-data-dir.ts';

const address = 'http://localhost:7420';

test('the directory is made with what lies above it, for its owner alone', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'planyard-lock-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const release = await lockDataDir(join(dir, 'a', 'b'), address);
  release();
  expect((await stat(join(dir, 'a', 'b'))).mode & 0o777).toBe(0o700);

  await writeFile(join(dir, 'file'), '');
  await expect(lockDataDir(join(dir, 'file', 'x'), address)).rejects.toThrow(/cannot be made: ENOTDIR/);
  await expect(lockDataDir(join(dir, 'file'), address)).rejects.toThrow(
    /cannot be written to: ENOTDIR.*Choose another: npm start -- --data DIRECTORY/,
  );
});

test.runIf(process.platform === 'linux')('a directory that takes no others is told', async () => {
  await expect(lockDataDir('/proc/planyard/data', address)).rejects.toThrow(
    'The data directory /proc/planyard/data cannot be made: ENOENT',
  );
});
