import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModelServer, textReply } from '@planyard/llm/testing';
import { freePort } from '@planyard/runtime';
import { createClient } from '@planyard/sdk';
import { createKey } from '@planyard/store';
import { openPostgres } from '@planyard/store/testing';
import { expect, inject, onTestFinished, test } from 'vitest';
import { journalClock, readLines, ToolLine } from './chaos/journal.ts';
import { startServices } from './chaos/services.ts';
import { inheritedEnv } from './support/env.ts';

const POLL = { interval: 50 };
const postgresUrl = inject('postgresUrl');

// Processes share no PGlite.
test.skipIf(!postgresUrl)('a cancelled run stops its steps in every process, at once', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'planyard-cancel-'));
  const journal = join(dir, 'tools.jsonl');
  const database = await openPostgres(postgresUrl as string);
  const steps = Array.from({ length: 6 }, (_, at) => ({
    id: `s${at}`,
    tool: 'chaos.write',
    // Longer than the test: only a cancel ends them. Unequal, since a plan may not repeat a call.
    args: { deps: [], nonce: at, ms: 600_000, failures: 0 },
    timeout_ms: 600_000,
  }));
  const model = await startModelServer([
    { when: /./, replies: [textReply(JSON.stringify({ intent: 'wait', steps }))] },
  ]);
  const port = await freePort();
  const services = startServices({
    env: inheritedEnv({
      REDIS_URL: inject('redisUrl'),
      DATABASE_URL: database.url,
      PLANYARD_NAMESPACE: 'cancel',
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'sk-story',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
      // Each process has room for half of the steps.
      TOOL_CONCURRENCY: '3',
      CHAOS_TOOL_JOURNAL: journal,
      LOG_LEVEL: 'warn',
    }),
    gatewayPorts: [port],
    counts: { gateway: 1, planner: 1, 'tool-worker': 2, results: 1 },
    logDir: dir,
    preload: [],
  });
  onTestFinished(async () => {
    await services.close();
    await model.close();
    await database.close();
    await rm(dir, { recursive: true, force: true });
  });
  const owner = { name: 'story', user: 'story', tenant: 'default', scopes: ['admin' as const] };
  const { key } = await createKey(database.db, owner, { now: new Date() });
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: key });
  const lines = async (kind: 'start' | 'end' | 'failed') =>
    (await readLines(journal, ToolLine)).filter((line) => line.kind === kind);

  await expect
    .poll(async () => (await client.tools.list().catch(() => null))?.data.length, POLL)
    .toBeGreaterThan(0);
  const { id } = await client.runs.create({ question: 'wait for long?' });
  await expect.poll(async () => (await lines('start')).length, POLL).toBe(steps.length);
  expect(new Set((await lines('start')).map((line) => line.pid)).size).toBe(2);

  const asked = journalClock();
  await client.runs.cancel(id);
  await expect.poll(async () => (await lines('failed')).length, POLL).toBe(steps.length);
  const stopped = Math.max(...(await lines('failed')).map((line) => line.at)) - asked;
  const run = await client.runs.wait(id);
  expect(run).toMatchObject({ status: 'cancelled', answer: null });
  expect(run.steps.map(({ status, reason }) => [status, reason])).toEqual(
    steps.map(() => ['aborted', 'cancelled']),
  );
  expect(await lines('end')).toEqual([]);
  expect(services.ended).toEqual([]);
  process.stderr.write(
    `cancel: the last of ${steps.length} steps in two processes stopped after ${Math.round(stopped)} ms\n`,
  );
});
