import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const READY = `console.log('ready'); setInterval(() => {}, 1_000);`;

/** A process with a supervisor, which has told that it is ready. */
async function started(script: string, env: Record<string, string> = {}): Promise<ChildProcess> {
  const { href } = new URL('./run-main.ts', import.meta.url);
  const whole = `const { runMain } = await import('${href}'); ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', whole], {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.stdout) await once(child.stdout, 'data');
  return child;
}

test('a process whose supervisor dies while it starts ends, and is nobody’s', async () => {
  const child = await started(`await runMain(async () => { ${READY} await new Promise(() => {}); });`);
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([1, null]);
});

test('a process that is killed once it has started leaves what it compiled to the one in its place', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'planyard-compiled-'));
  onTestFinished(() => rm(cache, { recursive: true }));
  const child = await started(`await runMain(async () => {}); ${READY}`, { NODE_COMPILE_CACHE: cache });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const files = await readdir(cache, { recursive: true, withFileTypes: true });
  expect(files.filter((file) => file.isFile())).not.toEqual([]);
});
