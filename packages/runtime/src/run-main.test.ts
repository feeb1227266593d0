import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

test('a process that is killed once it has started leaves what it compiled to the one in its place', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'planyard-compiled-'));
  onTestFinished(() => rm(cache, { recursive: true }));
  const script = `
    const { runMain } = await import(${JSON.stringify(new URL('./run-main.ts', import.meta.url).href)});
    await runMain(async () => {});
    console.log('ready');
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const files = await readdir(cache, { recursive: true, withFileTypes: true });
  expect(files.filter((file) => file.isFile())).not.toEqual([]);
});
