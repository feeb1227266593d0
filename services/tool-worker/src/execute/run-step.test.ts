import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlanStep, PlanyardError, type RunRecord, RunRequest } from '@planyard/contracts';
import type { BegunStep } from '@planyard/engine';
import { openTimer } from '@planyard/engine/testing';
import { createLogger } from '@planyard/runtime';
import { beginSideEffect, finishSideEffect, readResult } from '@planyard/store';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { loadTools } from '../registry/load-tools.ts';
import { openTestWorker } from '../testing/open-test-worker.ts';
import { madeBefore } from './call-once.ts';
import { runStep } from './run-step.ts';

type TestWorker = Awaited<ReturnType<typeof openTestWorker>>;
type TestStep = Parameters<TestWorker['run']>[0][number];

const dir = mkdtempSync(join(tmpdir(), 'planyard-tools-'));
let files = 0;
const newFile = () => join(dir, `ran-${files++}`);
const linesOf = (file: string) =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];

describe('a tool worker', () => {
  let t: TestWorker;
  beforeAll(async () => {
    t = await openTestWorker(inject('redisUrl'));
  });
  afterAll(() => t.close());

  /** Calls in flight that wait for the result of another, in all processes. */
  async function waiting(): Promise<number> {
    const keys = await t.redis.keys(`${t.namespace}:{cache}:waiting:*`);
    const counts = await Promise.all(keys.map((key) => t.redis.get(key)));
    return counts.reduce((sum, count) => sum + Number(count), 0);
  }
  /** Lets the calls go that take until then, once so many others wait for theirs. */
  async function goOn(until: string, waiters: number): Promise<void> {
    await expect.poll(waiting).toBe(waiters);
    writeFileSync(until, '');
  }

  it('offers its tools with schemas, and withdraws them when it ends', async () => {
    const tools = await t.engine.listTools();
    expect(tools.map((tool) => tool.name)).toContain('test.echo');
    const echo = tools.find((tool) => tool.name === 'test.echo');
    expect(echo).toMatchObject({ broad_search: true, cache_ttl_s: 300, effects: 'read' });
    expect(JSON.stringify(echo?.input_schema)).not.toContain('9007199254740991');
  });

  it('passes values from step to step, skips by condition, and tells what it did', async () => {
    const { steps, events } = await t.run([
      { id: 'a', tool: 'test.echo', args: { value: [1, 2], n: 3 } },
      {
        id: 'b',
        tool: 'test.echo',
        args: { value: { $from: 'a', path: 'value[1]' }, n: { $from: 'a', path: 'n' } },
      },
      { id: 'c', tool: 'test.echo', when: { $from: 'a', path: 'n > `5`' } },
    ]);
    expect(steps['1.b']).toMatchObject({
      status: 'completed',
      result: { value: { value: 2, n: 3 }, count: 1, records: [{ id: '3' }] },
      bound_args: { value: 2, n: 3 },
      cost_usd: 0.5,
    });
    expect(steps['1.c']).toMatchObject({ status: 'skipped', reason: 'condition' });
    expect(events.map((event) => event.type)).toContain('step.completed');
  });

  it('refuses arguments that do not fit, each fault located', async () => {
    const { steps } = await t.run([{ id: 'a', tool: 'test.echo', args: { n: 'three', m: 1 } }]);
    expect(steps['1.a']?.error).toMatchObject({
      code: 'invalid_args',
      retryable: false,
      errors: [expect.objectContaining({ path: 'args.n' }), expect.objectContaining({ path: 'args.m' })],
    });
  });

  it('turns a bare question into arguments where the tool can', async () => {
    const { steps } = await t.run([{ id: 'a', tool: 'test.echo', args: { question: 'why?' } }]);
    expect(steps['1.a']?.result?.value).toEqual({ value: 'asked why?', n: 7 });
  });

  it('serves equal calls from the cache, but not other tenants', async () => {
    const file = newFile();
    const plan = (note: string) => [{ id: 'a', tool: 'test.slow', args: { file }, purpose: note }];
    expect((await t.run(plan('first'))).steps['1.a']?.cached).toBe(false);
    expect((await t.run(plan('again'))).steps['1.a']).toMatchObject({ cached: true, cost_usd: 0 });
    expect(linesOf(file)).toHaveLength(1);
    const other = await t.untilEnd(await t.submit([plan('other')], { tenant: 'other' }));
    expect(other.steps['1.a']?.cached).toBe(false);
    const { options } = (await t.submit([[]])).request;
    const fresh = await t.untilEnd(
      await t.submit([plan('fresh')], { options: { ...options, cache: false } }),
    );
    expect(fresh.steps['1.a']?.cached).toBe(false);
    expect(linesOf(file)).toHaveLength(3);
    expect(await t.registry.getSingleMetricAsString('planyard_result_cache_total')).toMatch(
      /tool="test.slow",outcome="hit"\} 1/,
    );
  });

  it('leaves request ids out of what makes calls equal', async () => {
    const call = (request_id: string) => [
      { id: 'a', tool: 'test.echo', args: { value: 'traced', request_id } },
    ];
    await t.run(call('one'));
    expect((await t.run(call('two'))).steps['1.a']?.cached).toBe(true);
  });

  it('joins equal calls in flight, in this process and another', async () => {
    const other = await t.start();
    const file = newFile();
    const args = { file, until: newFile() };
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const run = t.run(ids.map((id) => ({ id, tool: 'test.slow', args })));
    await goOn(args.until, 5);
    const { steps } = await run;
    expect(linesOf(file)).toHaveLength(1);
    expect(Object.values(steps).filter((step) => step.cached)).toHaveLength(5);
    await other.close();
  });

  it('joins calls that are not to be cached too, and keeps nothing of them', async () => {
    const other = await t.start();
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const live = { tool: 'test.live', args: { file: newFile(), until: newFile() } };
    const fresh = { tool: 'test.slow', args: { file: newFile(), until: newFile() } };
    for (const [call, cache] of [
      [live, true],
      [fresh, false],
    ] as const) {
      const { options } = RunRequest.parse({ question: 'q', options: { cache } });
      const run = (names: string[]) =>
        t.submit([names.map((id) => ({ id, ...call }))], { options }).then((record) => t.untilEnd(record));
      const six = run(ids);
      await goOn(call.args.until, 5);
      const { steps } = await six;
      expect(linesOf(call.args.file)).toHaveLength(1);
      expect(Object.values(steps).map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
      expect(Object.values(steps).filter((step) => step.cached)).toHaveLength(5);

      expect((await run(['later'])).steps['1.later']?.cached).toBe(false);
      expect(linesOf(call.args.file)).toHaveLength(2);
    }
    expect(await t.redis.keys(`${t.namespace}:{cache}:handed:*`)).toEqual([]);
    await other.close();
  });

  it('joins no call in flight that began before what the step follows, nor one of another run where nothing kept will do', async () => {
    const live = { tool: 'test.live', args: { file: newFile(), until: newFile() } };
    const run = t.run([
      { id: 'before', ...live },
      { id: 'write', tool: 'test.echo', args: { value: 'written' } },
      { id: 'one', ...live, after: ['write'] },
      { id: 'two', ...live, after: ['write'] },
    ]);
    await goOn(live.args.until, 1);
    const { steps } = await run;
    expect(Object.values(steps).map(({ status }) => status)).toEqual(Array(4).fill('completed'));
    expect(linesOf(live.args.file)).toHaveLength(2);

    const fresh = { tool: 'test.slow', args: { file: newFile(), until: newFile() } };
    const { options } = RunRequest.parse({ question: 'q', options: { cache: false } });
    const another = () =>
      t.submit([[{ id: 'a', ...fresh }]], { options }).then((record) => t.untilEnd(record));
    const both = Promise.all([another(), another()]);
    await expect.poll(() => linesOf(fresh.args.file)).toHaveLength(2);
    writeFileSync(fresh.args.until, '');
    await both;
    expect(linesOf(fresh.args.file)).toHaveLength(2);
  });

  it('charges what the tool tells, if it fails too, and else what it states', async () => {
    const { steps } = await t.run([
      { id: 'stated', tool: 'test.spend' },
      { id: 'told', tool: 'test.spend', args: { usd: 0.2 } },
      { id: 'failed', tool: 'test.spend', args: { usd: 0.3, fail: true } },
      { id: 'in_vain', tool: 'test.spend', args: { fail: true } },
      { id: 'wrong', tool: 'test.spend', args: { usd: -1 } },
    ]);
    const models = [{ provider: 'one', model: 'small', usage: { input_tokens: 9, output_tokens: 1 } }];
    expect(steps).toMatchObject({
      '1.stated': { status: 'completed', cost_usd: 0.5, models: [] },
      '1.told': { status: 'completed', cost_usd: 0.2, models },
      '1.failed': { status: 'failed', cost_usd: 0.3, models },
      '1.in_vain': { status: 'failed', cost_usd: 0, models: [] },
      '1.wrong': { status: 'failed', cost_usd: 0, error: { code: 'tool_failed' } },
    });
  });

  it('makes no call that the budget of its run does not cover, and takes a kept result all the same', async () => {
    const kept: TestStep = { id: 'kept', tool: 'test.echo', args: { value: 'kept' } };
    await t.run([kept]);
    const run = await t.submit([[kept, { id: 'b', tool: 'test.spend', args: { usd: 0.1 } }]], {
      budget: { cost_usd: 0.4 },
    });
    const { steps } = await t.untilEnd(run);
    expect(steps).toMatchObject({
      '1.kept': { status: 'completed', cached: true, cost_usd: 0 },
      '1.b': {
        status: 'failed',
        models: [],
        error: { code: 'budget_exceeded', message: 'the budget of 0.4 USD does not cover this call' },
      },
    });
  });

  it('counts a step as running while it runs', async () => {
    const running = async () =>
      (await t.registry.getSingleMetric('planyard_steps_running')?.get())?.values.find(
        ({ labels }) => labels.tool === 'test.slow',
      )?.value;
    const args = { file: newFile(), until: newFile() };
    const run = await t.submit([[{ id: 'a', tool: 'test.slow', args }]]);
    await expect.poll(running).toBe(1);
    writeFileSync(args.until, '');
    await t.untilEnd(run);
    expect(await running()).toBe(0);
  });

  it('gives the call to the next in line when the first fails', async () => {
    const file = newFile();
    const args = { file, ms: 100, fail: 'throw' };
    const { steps } = await t.run(['a', 'b'].map((id) => ({ id, tool: 'test.slow', args })));
    expect(Object.values(steps).map((step) => step.status)).toEqual(['failed', 'failed']);
    expect(linesOf(file)).toHaveLength(2);
  });

  it('keeps what an unknown error says to itself, and does not retry it', async () => {
    const { steps } = await t.run([{ id: 'a', tool: 'test.slow', args: { file: newFile(), fail: 'throw' } }]);
    expect(steps['1.a']).toMatchObject({ begins: 1, error: { code: 'tool_failed' } });
    expect(JSON.stringify(steps['1.a'])).not.toContain('hunter2');
  });

  it('tries again where the tool says that it can help', async () => {
    const file = newFile();
    const { steps } = await t.run([{ id: 'a', tool: 'test.slow', args: { file, fail: 'retry' } }]);
    expect(steps['1.a']).toMatchObject({
      status: 'failed',
      begins: 3,
      retries: 2,
      error: { code: 'tool_unavailable' },
    });
    expect(linesOf(file)).toHaveLength(3);
  });

  it('ends what takes too long', async () => {
    const { steps } = await t.run([
      {
        id: 'a',
        tool: 'test.slow',
        args: { file: newFile(), ms: 5_000 },
        timeout_ms: 100,
        retry: { max_tries: 1 },
      },
    ]);
    expect(steps['1.a']).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
  });

  it('is not held up by an equal call that hangs', async () => {
    const call = { tool: 'test.slow', args: { file: newFile(), fail: 'hang' }, retry: { max_tries: 1 } };
    const timer = openTimer(54_321);
    const hung = t.run([{ id: 'a', ...call, timeout_ms: 54_321 }]);
    await expect.poll(() => linesOf(call.args.file)).toHaveLength(1);
    timer.fire();
    expect((await hung).steps['1.a']?.error?.code).toBe('timeout');
    const next = await t.submit([[{ id: 'a', ...call, timeout_ms: 60_000 }]]);
    // Sooner than the claim of a dead one would run out.
    await expect.poll(() => linesOf(call.args.file), { timeout: 4_500 }).toHaveLength(2);
    await t.engine.cancelRun(next.id);
    expect((await t.untilEnd(next)).steps['1.a']?.begins).toBe(1);
  });

  it('puts big results into Postgres, refuses huge ones and wrong ones', async () => {
    const { steps } = await t.run([
      { id: 'big', tool: 'test.big', args: { bytes: 100_000 } },
      { id: 'echo', tool: 'test.echo', args: { value: { $from: 'big', path: 'length(text)' } } },
      { id: 'huge', tool: 'test.big', args: { bytes: 11 * 1024 * 1024 } },
      { id: 'wrong', tool: 'test.big', args: { bytes: 1, wrong: true } },
    ]);
    expect(steps['1.big']?.result).toMatchObject({ stored: { epoch: expect.any(Number) }, bytes: 100_011 });
    expect(steps['1.big']?.result?.value).toBeUndefined();
    expect(steps['1.echo']?.result?.value).toMatchObject({ value: 100_000 });
    expect(steps['1.huge']?.error?.code).toBe('result_too_large');
    expect(steps['1.wrong']?.error?.code).toBe('invalid_output');
  });

  it('adopts what an earlier attempt found, a big result too', async () => {
    const call = { tool: 'test.big', args: { bytes: 70_000 } };
    const run = await t.submit([[{ id: 'a', ...call }], [{ id: 'again', ...call }]]);
    const { steps } = await t.untilEnd(run);
    expect(steps['2.again']).toMatchObject({ status: 'completed', cached: true });
    const epoch = steps['2.again']?.result?.stored?.epoch ?? 0;
    const ref = { run_id: run.id, step_id: '2.again', epoch };
    expect(await readResult(t.database.db, 'default', ref)).toEqual({ text: 'x'.repeat(70_000) });
  });

  it('adopts what an earlier attempt has read, unless something was written since', async () => {
    const read = (file: string, id: string): TestStep => ({ id, tool: 'test.live', args: { file } });
    const file = newFile();
    const { steps } = await t.run([read(file, 'a')], [read(file, 'b')]);
    expect(steps['2.b']?.cached).toBe(true);
    const other = newFile();
    const pay: TestStep = { id: 'pay', tool: 'test.pay', args: { file: newFile() } };
    const written = await t.run([read(other, 'a')], [pay], [pay, read(other, 'b')]);
    expect(written.steps).toMatchObject({
      '2.pay': { cached: false },
      '3.pay': { cached: true },
      '3.b': { status: 'completed', cached: false },
    });
    expect(
      [linesOf(file), linesOf(other), linesOf(pay.args?.file as string)].map(({ length }) => length),
    ).toEqual([1, 2, 1]);
  });

  it.each(['throw', 'hang'] as const)(
    'does not make a call again that failed in an earlier attempt, whatever its arguments come from: %s',
    async (fail) => {
      const file = newFile();
      const plan = (id: string, more: Partial<PlanStep> = {}): TestStep[] => [
        { id: 'file', tool: 'test.echo', args: { value: file } },
        {
          id,
          tool: 'test.slow',
          args: { file: { $from: 'file', path: 'value' }, fail },
          retry: { max_tries: 1 },
          timeout_ms: 54_321,
          ...more,
        },
      ];
      const timer = openTimer(54_321);
      const instead = { tool: 'test.echo', args: { value: 'instead' } };
      const run = t.run(
        plan('a', { on_error: 'fallback', fallback: instead }),
        plan('b'),
        plan('c', { on_error: 'fallback', fallback: instead }),
      );
      await expect.poll(() => linesOf(file)).toHaveLength(1);
      if (fail === 'hang') timer.fire();
      const { steps } = await run;
      expect(steps['1.a']).toMatchObject({ status: 'completed', fallback_used: true });
      expect(steps['2.b']).toMatchObject({ status: 'failed', begins: 1, error: { code: 'repeated_call' } });
      expect(steps['2.b']?.error?.message).toContain('the call of 1.a, which failed');
      expect(steps['2.b']?.bound_args).toEqual({ file, fail });
      expect(steps['3.c']).toMatchObject({ status: 'completed', fallback_used: true, cached: true });
      expect(linesOf(file)).toHaveLength(1);
    },
  );

  it('asks a person, with the arguments frozen', async () => {
    const run = await t.submit([
      [
        { id: 'what', tool: 'test.echo', args: { value: 'restart' } },
        { id: 'do', tool: 'test.approved', args: { what: { $from: 'what', path: 'value' } } },
      ],
    ]);
    for await (const event of t.engine.followEvents(run.id, 0, AbortSignal.timeout(120_000)))
      if (event.type === 'step.awaiting_approval') {
        expect(event.data.args).toEqual({ what: 'restart' });
        await t.engine.approveStep(run.id, '1.do', { by: 'ana', comment: null });
      }
    expect((await t.untilEnd(run)).steps['1.do']?.result?.value).toEqual({ did: 'restart' });
  });

  it('neither tries again nor replaces an effect whose end nobody saw', async () => {
    const file = newFile();
    const steps: TestStep[] = [
      {
        id: 'a',
        tool: 'test.pay',
        args: { file, ms: 2_000 },
        on_error: 'fallback',
        fallback: { tool: 'test.echo', args: { value: 'instead' } },
        retry: { max_tries: 1 },
        timeout_ms: 54_321,
      },
      { id: 'again', tool: 'test.pay', args: { file, ms: 2_001 }, timeout_ms: 54_321 },
    ];
    const timer = openTimer(54_321);
    const run = t.run(steps);
    await expect.poll(() => linesOf(file)).toHaveLength(2);
    timer.fire();
    const ended = (await run).steps;
    for (const step of Object.values(ended))
      expect(step).toMatchObject({
        status: 'failed',
        begins: 1,
        fallback_used: false,
        error: { code: 'outcome_unknown' },
      });
    expect(ended['1.a']?.bound_args).toEqual({ file, ms: 2_000 });
    expect(linesOf(file)).toHaveLength(2);
  });

  it('makes no effect again that an earlier attempt was cut off in, and reads anew what it may have changed', async () => {
    const [file, read, until] = [newFile(), newFile(), newFile()];
    const pay = (id: string): TestStep => ({ id, tool: 'test.pay', args: { file, ms: 2_000 } });
    const look = (id: string): TestStep => ({ id, tool: 'test.live', args: { file: read } });
    const fails: TestStep = {
      id: 'fails',
      tool: 'test.slow',
      args: { file: newFile(), until, fail: 'throw' },
      on_error: 'fail_fast',
      retry: { max_tries: 1 },
    };
    const run = t.run(
      [look('look'), { ...pay('pay'), after: ['look'] }, fails],
      [pay('again'), look('anew')],
    );
    await expect.poll(() => linesOf(file)).toHaveLength(1);
    writeFileSync(until, '');
    const { steps } = await run;
    expect(steps).toMatchObject({
      '1.pay': { status: 'aborted', reason: 'fail_fast' },
      '2.again': { status: 'failed', error: { code: 'outcome_unknown' } },
      '2.anew': { status: 'completed', cached: false },
    });
    expect([linesOf(file), linesOf(read)].map(({ length }) => length)).toEqual([1, 2]);
  });

  it('reads anew after an effect whose end nobody saw', async () => {
    const [file, read] = [newFile(), newFile()];
    const look = (id: string): TestStep => ({ id, tool: 'test.live', args: { file: read } });
    const pay: TestStep = {
      id: 'pay',
      tool: 'test.pay',
      args: { file, ms: 2_000 },
      after: ['look'],
      timeout_ms: 54_321,
    };
    const timer = openTimer(54_321);
    const run = t.run([look('look'), pay], [look('anew')]);
    await expect.poll(() => linesOf(file)).toHaveLength(1);
    timer.fire();
    expect((await run).steps).toMatchObject({
      '1.pay': { status: 'failed', error: { code: 'outcome_unknown' } },
      '2.anew': { status: 'completed', cached: false },
    });
    expect(linesOf(read)).toHaveLength(2);
  });

  /** While a table is not to be had. */
  async function without<T>(table: 'journal' | 'results', run: () => Promise<T>): Promise<T> {
    const rename = (from: string, to: string) =>
      sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(t.database.db);
    await rename(table, 'away');
    return run().finally(() => rename('away', table));
  }

  it('knows how an effect ended whether or not it could be noted', async () => {
    const file = newFile();
    const run = t.run([{ id: 'a', tool: 'test.pay', args: { file, ms: 500 } }]);
    await expect.poll(() => linesOf(file)).toHaveLength(1);
    const { steps } = await without('journal', () => run);
    expect(steps['1.a']).toMatchObject({ status: 'completed', begins: 1 });
  });

  it('replaces no effect whose result has no place', async () => {
    const file = newFile();
    const fallback = { tool: 'test.echo', args: { value: 'instead' } };
    const pay = { tool: 'test.pay', args: { file, bytes: 70_000 }, retry: { max_tries: 2 } };
    const { steps } = await without('results', () =>
      t.run([{ id: 'a', ...pay, on_error: 'fallback', fallback }]),
    );
    expect(steps['1.a']).toMatchObject({
      status: 'failed',
      fallback_used: false,
      error: { code: 'outcome_unknown' },
    });
    expect(linesOf(file)).toHaveLength(1);
  });

  /** A step as a worker begins it that runs `test.pay`. */
  const payStep = (run: RunRecord, more: Partial<BegunStep> = {}) =>
    ({
      run_id: run.id,
      incarnation: 1,
      step: '1.a',
      try: 1,
      max_tries: 1,
      epoch: 1,
      is_fallback: false,
      caller: run.caller,
      tool: 'test.pay',
      args: { file: newFile() },
      spec: {},
      deps: {},
      frozen_args: null,
      ...more,
    }) as unknown as BegunStep;

  it('takes what the journal says of a call: of this step, of earlier attempts and of earlier lives of the run', async () => {
    const { db } = t.database;
    const [done, begun] = [await t.submit([[]]), await t.submit([[]])];
    const now = new Date();
    for (const run of [done, begun]) {
      await t.untilEnd(run);
      const key = { run_id: run.id, incarnation: 1, step_id: '1.a', try: 1, fallback: false };
      await beginSideEffect(db, 'default', key, { call_hash: 'pay', epoch: 1, now });
      const result = { value: { paid: true }, bytes: 13, count: null, records: [] };
      if (run === done) await finishSideEffect(db, 'default', key, { outcome: { result }, now });
    }
    const told = (run: RunRecord, more: Partial<BegunStep>, call = 'pay') =>
      madeBefore({ db }, payStep(run, more), call).then((result) => result?.value ?? null);
    const unknown = { code: 'outcome_unknown' };
    for (const more of [{ try: 2, epoch: 2 }, { step: '2.b' as const }, { incarnation: 2 }]) {
      expect(await told(done, more)).toEqual({ paid: true });
      await expect(told(begun, more)).rejects.toMatchObject(unknown);
    }
    // Another step of the same attempt, and another call by the same name.
    for (const run of [done, begun]) {
      expect(await told(run, { step: '1.b' })).toBe(null);
      expect(await told(run, { incarnation: 2 }, 'mail')).toBe(null);
    }
    await without('journal', async () => {
      await expect(told(done, { try: 1, epoch: 1 })).rejects.not.toMatchObject(unknown);
      await expect(told(done, { try: 1, epoch: 2 })).rejects.toMatchObject(unknown);
    });
  });

  it('notes no call that is not made', async () => {
    const run = await t.submit([[]]);
    await t.untilEnd(run);
    const tools = await loadTools(new URL('../testing/tools/', import.meta.url));
    const refused = { code: 'budget_exceeded' } as const;
    const outcome = await runStep(
      {
        tools,
        db: t.database.db,
        engine: t.engine,
        cache: null,
        keepResults: false,
        log: createLogger({ service: 'test', level: 'silent' }),
        now: () => new Date(),
        approvalMs: 1_000,
        guard: (_tool, _signal, call) => call(),
        observe: { cache: () => {} },
      },
      payStep(run),
      {
        signal: new AbortController().signal,
        bound: () => {},
        makeCall: () => Promise.reject(new PlanyardError(refused.code)),
        spent: () => {},
        progress: () => {},
      },
    );
    expect(outcome).toMatchObject({ kind: 'failed', error: refused });
    const { rows } = await sql`select 1 from journal where run_id = ${run.id}`.execute(t.database.db);
    expect(rows).toEqual([]);
  });
});
