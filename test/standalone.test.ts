import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '@planyard/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type StartedProcess, startProcess } from './support/started-process.ts';

const entry = resolve(import.meta.dirname, '../services/standalone/src/main.ts');
const started: StartedProcess[] = [];
let dataDir = '';

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'planyard-standalone-'));
});
afterEach(async () => {
  for (const each of started.splice(0)) {
    each.signal('SIGKILL');
    await each.ended;
  }
  // A Redis whose Planyard was killed is still saying goodbye.
  await rm(dataDir, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
});

function start(port: number, env: Record<string, string> = {}): StartedProcess {
  return startBare(['--port', String(port)], env);
}

function startBare(args: string[], env: Record<string, string>): StartedProcess {
  const own = { REDIS_URL: '', DATABASE_URL: '', METRICS_PORT: '0', ...env };
  const server = startProcess([entry, ...args, '--data', dataDir, '--no-sample'], own);
  started.push(server);
  return server;
}

async function runs(port: number, key: string): Promise<unknown> {
  const reply = await fetch(`http://127.0.0.1:${port}/v1/runs`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return await reply.json();
}

test('runs and the key survive a restart; a second start on the same data says who is there', async () => {
  const port = await freePort();
  const first = start(port);
  await first.printed(/Planyard is ready/);
  const keyFile = join(dataDir, 'api-key');
  const key = (await readFile(keyFile, 'utf8')).trim();
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  const accepted = await fetch(`http://127.0.0.1:${port}/v1/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify({ question: 'What is there?' }),
  });
  const { id } = (await accepted.json()) as { id: string };

  const second = start(await freePort());
  expect(await second.ended).toBe(78);
  expect(second.output()).toMatch(
    new RegExp(`already running on .*process ${first.pid}, http://localhost:${port}`),
  );
  expect(second.output()).not.toContain('    at ');

  first.signal('SIGTERM');
  expect(await first.ended).toBe(0);
  const again = start(port);
  await again.printed(/Planyard is ready/);
  expect((await readFile(keyFile, 'utf8')).trim()).toBe(key);
  expect(await runs(port, key)).toMatchObject({ data: [{ id }] });
});

test('a crash releases the data directory and ends the embedded Redis', async () => {
  const port = await freePort();
  const first = start(port);
  await first.printed(/Planyard is ready/);
  first.signal('SIGKILL');
  await first.ended;
  const again = start(port);
  await again.printed(/Planyard is ready/);
});

test('a taken port says so, and no new data directory is left behind', async () => {
  await rm(dataDir, { recursive: true });
  const port = await freePort();
  const holder = createServer().listen(port, '127.0.0.1');
  const server = start(port);
  expect(await server.ended).toBe(78);
  expect(server.output()).toBe(`Port ${port} is taken. Choose another: npm start -- --port ${port + 1}\n`);
  expect(existsSync(dataDir)).toBe(false);

  const byEnv = startBare([], { PORT: String(port) });
  expect(await byEnv.ended).toBe(78);
  expect(byEnv.output()).toContain(`Port ${port} is taken`);
  const byOption = startBare(['--port', String(port)], { PORT: '1' });
  expect(await byOption.ended).toBe(78);
  expect(byOption.output()).toContain(`Port ${port} is taken`);
  holder.close();
});

test('a broken planyard.yaml is told with its place before a new database is set up', async () => {
  const file = join(dataDir, 'planyard.yaml');
  await writeFile(file, 'routes: 3\n');
  const server = start(await freePort(), { PLANYARD_CONFIG: file });
  expect(await server.ended).toBe(78);
  expect(server.output()).toMatch(/planyard\.yaml[\s\S]*routes/);
  expect(server.output()).not.toMatch(/database set up|\n {4}at /);
});

test('a Redis or a database that is not there is named, without its password', async () => {
  const redis = start(await freePort(), { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' });
  expect(await redis.ended).toBe(78);
  expect(redis.output()).toContain('REDIS_URL names a Redis that does not answer');
  const database = start(await freePort(), { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' });
  expect(await database.ended).toBe(78);
  expect(database.output()).toContain('The database of DATABASE_URL cannot be set up');
  expect(redis.output() + database.output()).not.toContain('hunter2');
});
