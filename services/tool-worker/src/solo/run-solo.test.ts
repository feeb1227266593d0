import { InventoryItem, PlanyardError } from '@planyard/contracts';
import type { BegunStep, StepContext, StepOutcome } from '@planyard/engine';
import { createLogger } from '@planyard/runtime';
import { loadInventory } from '@planyard/store';
import { openTestDatabase, type TestDatabase } from '@planyard/store/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runSolo } from './run-solo.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase(inject('postgresUrl'));
  const source = { tenant: 'default', source: 'test', sample: false, now: new Date() };
  await loadInventory(database.db, source, (load) =>
    load.items([InventoryItem.parse({ code: 'orders-db', type: 'database' })]),
  );
});
afterAll(() => database.close());

const lines: string[] = [];
const destination = { write: (line: string) => void lines.push(line) };

const alone = (
  tool: string,
  args: BegunStep['args'],
  signal: AbortSignal,
  toolsDirectory?: URL,
  timeoutMs = 60_000,
  context: Partial<StepContext> = {},
): Promise<StepOutcome> =>
  runSolo(
    {
      db: database.db,
      log: createLogger({ service: 'test', level: 'error', destination }),
      redisUrl: inject('redisUrl'),
      engine: { namespace: 'tsolo' },
      logLevel: 'silent',
      approvalMs: 1000,
      toolsDirectory,
    },
    {
      run_id: 'run_0193a1b2-7c00-7abc-8def-0123456789ab',
      incarnation: 1,
      step: '1.a',
      epoch: 3,
      try: 1,
      spent_usd: 0,
      recovered: true,
      tool,
      args,
      spec: { id: 'a', tool, args, purpose: '', after: [], on_error: 'isolate' },
      is_fallback: false,
      frozen_args: null,
      deps: {},
      caller: { tenant: 'default', user: 'u', key_id: 'k' },
      request_id: 'r',
      agent: null,
      use_cache: true,
      timeout_ms: timeoutMs,
      max_tries: 3,
      fallback: null,
      idempotency_key: 'k',
    },
    {
      signal,
      bound: () => {},
      async makeCall(_cost, call, before) {
        await before?.();
        return call();
      },
      spent: () => {},
      progress: () => {},
      ...context,
    },
  );

const fixtures = new URL('../testing/tools/', import.meta.url);

it('runs a step in a process of its own, which reaches the database through this one', async () => {
  const outcome = await alone('ci.get', { id: 'orders-db' }, new AbortController().signal);
  expect(outcome).toMatchObject({
    kind: 'completed',
    result: { value: { item: { code: 'orders-db', type: 'database' } } },
  });
});

it('condemns a step that kills its process, and logs whose it was', async () => {
  const outcome = await alone('test.crash', {}, new AbortController().signal, fixtures);
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'step_poisoned', retryable: false } });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ request_id: 'r', step_id: '1.a', tool: 'test.crash' }),
  ]);
});

it("counts a step's time from when its process has started", async () => {
  const { signal } = new AbortController();
  // A process takes longer than that to start. Again where the machine was too busy for the call itself.
  const inTime = () =>
    alone('test.slow', { file: '/dev/null', ms: 50 }, signal, fixtures, 500).catch(({ code }) => code);
  await expect.poll(inTime).toMatchObject({ kind: 'completed' });
  const late = alone('test.slow', { file: '/dev/null', ms: 60_000 }, signal, fixtures, 50);
  await expect(late).rejects.toMatchObject({ code: 'timeout', retryable: true });
});

it('asks this process for what a call may cost, and tells it what it did', async () => {
  const { signal } = new AbortController();
  const asked: unknown[] = [];
  const context: Partial<StepContext> = {
    async makeCall(costUsd, call, before) {
      asked.push(costUsd);
      await before?.();
      return call();
    },
    spent: (spending) => asked.push(spending),
  };
  await alone('test.spend', { usd: 0.2 }, signal, fixtures, undefined, context);
  expect(asked).toEqual([0.5, expect.objectContaining({ cost_usd: 0.2, model: 'one/small' })]);

  const refuse = { makeCall: () => Promise.reject(new PlanyardError('budget_exceeded', 'too dear')) };
  const refused = await alone('test.spend', {}, signal, fixtures, undefined, refuse);
  expect(refused).toMatchObject({
    kind: 'failed',
    error: { code: 'budget_exceeded', message: 'too dear', retryable: false },
  });
});

it('ends the process when the step is taken away', async () => {
  const stop = new AbortController();
  const outcome = alone('test.slow', { file: '/dev/null', ms: 60_000 }, stop.signal, fixtures);
  setTimeout(() => stop.abort(new Error('taken away')), 1_000);
  await expect(outcome).rejects.toThrow('taken away');
});
