import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProcess } from './support/started-process.ts';

const launchUrl = pathToFileURL(resolve(import.meta.dirname, '../bootstrap/launch.mjs')).href;
let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'planyard-launch-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A process that launches the entry as `npm start` does. */
async function launched(name: string, entrySource: string, options: { supervised: boolean }) {
  const entry = join(dir, `${name}.mjs`);
  const parent = join(dir, `${name}-parent.mjs`);
  await writeFile(entry, entrySource);
  const launchOptions = { nodeArgs: [], compileCache: join(dir, 'cache'), entry, args: [dir], ...options };
  await writeFile(
    parent,
    `import { launch } from '${launchUrl}';
    process.exitCode = await launch({ node: process.execPath, ...${JSON.stringify(launchOptions)} });`,
  );
  return startProcess([parent]);
}

test('a crashed server is started again', async () => {
  const source = `import { existsSync, writeFileSync } from 'node:fs';
    const mark = process.argv[2] + '/crashed';
    if (existsSync(mark)) { console.log('second life'); process.exit(0); }
    writeFileSync(mark, '');
    process.kill(process.pid, 'SIGKILL');`;
  const server = await launched('crash', source, { supervised: true });
  expect(await server.ended).toBe(0);
  expect(server.output()).toMatch(/ended by SIGKILL; starting it again[\s\S]*second life/);
});

test('a server that only the user can help is not', async () => {
  const source = `console.error('set REDIS_URL'); process.exit(78);`;
  const server = await launched('config', source, { supervised: true });
  expect(await server.ended).toBe(1);
  expect(server.output()).toBe('set REDIS_URL\n');
});

test("a command's exit code comes out", async () => {
  const command = await launched('command', 'process.exit(2);', { supervised: false });
  expect(await command.ended).toBe(2);
});

test('a signal goes in, and ends the supervision', async () => {
  const source = `process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });
    setInterval(() => {}, 1000);
    console.log('up');`;
  const server = await launched('signal', source, { supervised: true });
  await server.printed(/up/);
  server.signal('SIGTERM');
  expect(await server.ended).toBe(0);
  expect(server.output()).toBe('up\ndrained\n');
});
