import {
  newRunId,
  PlanStep,
  type RunRecord,
  type RunResponse,
  type StepView,
  Usage,
  type UsageDimension,
} from '@planyard/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { archiveRun } from './archive-run.ts';
import { readEvents } from './events.ts';
import { beginSideEffect, finishSideEffect, listSideEffects } from './journal.ts';
import { migrate } from './migrate.ts';
import { listModelCalls } from './model-calls.ts';
import { readResult, writeResult } from './results.ts';
import { deleteEndedRuns } from './retention.ts';
import { bumpIncarnation, deleteRun, findRun, insertAccepted, listOpenRuns, listRuns } from './runs.ts';
import { toolStats } from './stats.ts';
import { type ArchivedStep, findStep, listSteps } from './steps.ts';
import { type TestDatabase, testDatabases } from './testing/open-test-database.ts';
import { listUsage, sumUsage, type UsageFilter } from './usage.ts';

describe.each(testDatabases(inject('postgresUrl')))('runs on $name', ({ open }) => {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  it('migrates once, however many processes start', async () => {
    expect(await Promise.all([migrate(store.db), migrate(store.db)])).toEqual([[], []]);
  });

  it('accepts a run once for each idempotency key', async () => {
    const first = aRun({ tenant: 'idem' });
    const again = aRun({ tenant: 'idem' });
    const key = { key: 'k1', body_hash: 'a' };
    const both = await Promise.all([
      insertAccepted(store.db, first, key),
      insertAccepted(store.db, again, key),
    ]);
    expect(both.map((accepted) => accepted.kind).sort()).toEqual(['existing', 'inserted']);
    expect((await listRuns(store.db, 'idem', { limit: 10 })).data).toHaveLength(1);
    expect(await insertAccepted(store.db, again, { key: 'k1', body_hash: 'b' })).toEqual({
      kind: 'mismatch',
    });

    const nextDay = aRun({ tenant: 'idem', at: Date.parse(first.created_at) + 25 * 3_600_000 });
    expect(await insertAccepted(store.db, nextDay, { key: 'k1', body_hash: 'b' })).toEqual({
      kind: 'inserted',
    });
  });

  it('keeps tenants apart', async () => {
    const run = aRun({ tenant: 'one' });
    await insertAccepted(store.db, run, null);
    expect((await findRun(store.db, 'one', run.id))?.record).toEqual(run);
    expect(await findRun(store.db, 'two', run.id)).toBeNull();
    expect(await deleteRun(store.db, 'two', run.id)).toBe('missing');
    expect(await deleteRun(store.db, 'one', run.id)).toBe('open');
  });

  it('lists by page, newest first, and finds what is asked for', async () => {
    const runs = Array.from({ length: 5 }, (_, i) =>
      aRun({ tenant: 'list', at: START + i * 1000, question: i === 3 ? 'is 100% of db_01 up?\0' : `q${i}` }),
    );
    for (const run of runs) await insertAccepted(store.db, run, null);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listRuns(store.db, 'list', { limit: 2, cursor });
      seen.push(...page.data.map((run) => run.id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(runs.map((run) => run.id).reverse());
    const found = await listRuns(store.db, 'list', { limit: 10, text: '100% of DB_01' });
    expect(found.data.map((run) => run.id)).toEqual([runs[3]?.id]);
    expect((await listRuns(store.db, 'list', { limit: 10, text: '100_' })).data).toEqual([]);
    expect((await listRuns(store.db, 'list', { limit: 10, status: 'planning' })).data).toHaveLength(5);
    expect((await listRuns(store.db, 'list', { limit: 10, status: 'failed' })).data).toEqual([]);
    await expect(listRuns(store.db, 'list', { limit: 2, cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('leaves a run that was just rebuilt alone for as long as one that was just accepted', async () => {
    const run = aRun({ tenant: 'rebuilt' });
    await insertAccepted(store.db, run, null);
    const open = async (seconds: number) => {
      const listed = await listOpenRuns(store.db, {
        olderThan: new Date(START + seconds * 1_000),
        limit: 1_000,
      });
      return listed.some(({ id }) => id === run.id);
    };
    expect(await open(1)).toBe(true);
    await bumpIncarnation(store.db, { id: run.id, from: 0, now: new Date(START + 5_000) });
    expect([await open(5), await open(6)]).toEqual([false, true]);
  });

  it('archives once, refuses an older life, and replays what was archived', async () => {
    const run = aRun({ tenant: 'arch' });
    await insertAccepted(store.db, run, null);
    const bump = { id: run.id, from: 0, now: new Date(START) };
    expect((await bumpIncarnation(store.db, bump))?.incarnation).toBe(1);
    expect(await bumpIncarnation(store.db, bump)).toBeNull();

    await writeResult(
      store.db,
      'arch',
      { run_id: run.id, step_id: '1.big', epoch: 4 },
      { rows: ['\0', '\ud800'] },
    );
    const archive = anArchive(run, 1);
    expect(await archiveRun(store.db, { ...archive, incarnation: 0 })).toBe('stale');
    expect(await archiveRun(store.db, archive)).toBe('archived');
    expect(await archiveRun(store.db, archive)).toBe('already');

    const stored = await findRun(store.db, 'arch', run.id);
    expect(stored?.response).toEqual(archive.response);
    expect(stored?.record.status).toBe('completed');
    expect(
      await listOpenRuns(store.db, { olderThan: new Date(START + 9e9), limit: 1000 }),
    ).not.toContainEqual(expect.objectContaining({ id: run.id }));
    const steps = await listSteps(store.db, 'arch', run.id, { limit: 1 });
    expect(steps.data.map((step) => step.id)).toEqual(['1.small']);
    const rest = await listSteps(store.db, 'arch', run.id, { limit: 1, cursor: steps.next_cursor ?? '' });
    expect(rest.data.map((step) => step.id)).toEqual(['1.big']);
    expect(rest.next_cursor).toBeNull();
    expect((await findStep(store.db, 'arch', run.id, '1.small'))?.result).toEqual({ text: 'a\0b' });
    expect((await findStep(store.db, 'arch', run.id, '1.big'))?.result).toEqual({ rows: ['\0', '\ud800'] });
    expect(await findStep(store.db, 'other', run.id, '1.big')).toBeNull();
    expect(await readEvents(store.db, 'arch', run.id, { after: 1, limit: 10 })).toEqual(
      archive.events.slice(1),
    );
    expect(await readEvents(store.db, 'other', run.id, { after: 0, limit: 10 })).toEqual([]);
    expect((await listModelCalls(store.db, 'arch', run.id, { limit: 10 })).data).toEqual(archive.model_calls);

    expect(await toolStats(store.db, 'arch', {})).toEqual([
      {
        tool: 'ci.search',
        count: 2,
        success: 2,
        error: 0,
        total_ms: 400,
        average_ms: 200,
        p95_ms: expect.closeTo(290),
        cache_hits: 1,
        cache_hit_rate: 0.5,
      },
    ]);
    expect(await toolStats(store.db, 'arch', { to: run.created_at })).toEqual([]);

    expect(await deleteRun(store.db, 'arch', run.id)).toBe('deleted');
    await expect(
      readResult(store.db, 'arch', { run_id: run.id, step_id: '1.big', epoch: 4 }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('counts the calls of a tool: no skipped or adopted step, and the one that its fallback took the place of', async () => {
    const run = aRun({ tenant: 'calls' });
    await insertAccepted(store.db, run, null);
    const step = (id: string, ms: number, view: object, callHash: string | null): ArchivedStep => ({
      view: { ...aStep(`1.${id}`, ms), cached: false, ...view },
      result_epoch: null,
      definition: { ...defined(id), call_hash: callHash },
    });
    const steps = [
      step('first', 200, {}, 'same'),
      step('adopts', 201, { cached: true }, 'same'),
      step('kept', 300, { cached: true }, 'other'),
      step('not', 1, { status: 'skipped', reason: 'condition' }, null),
      step('spared', 50, { tool: 'ci.get', fallback_used: true }, 'spare'),
    ];
    await archiveRun(store.db, { ...anArchive(run, 0), steps });
    expect(await toolStats(store.db, 'calls', {})).toMatchObject([
      { tool: 'ci.get', count: 1, success: 1, error: 0, total_ms: 50, cache_hits: 0 },
      { tool: 'ci.search', count: 3, success: 2, error: 1, total_ms: 500, average_ms: 250, cache_hits: 1 },
    ]);
    expect(await toolStats(store.db, 'calls', { tool: 'ci.get' })).toHaveLength(1);
    await deleteRun(store.db, 'calls', run.id);
  });

  it('sums what tools spent beside the calls of models, which stay what they are', async () => {
    const run = aRun({ tenant: 'spent' });
    run.request.tags = ['x', 'y'];
    await insertAccepted(store.db, run, null);
    const spent = { tool: 'web.search', ended_at: new Date(START), failed: false, unpriced: false };
    const usage = Usage.parse({ input_tokens: 7, output_tokens: 2 });
    await archiveRun(store.db, {
      ...anArchive(run, 0),
      tool_spending: [
        { ...spent, step_id: '1.a', usage: null, cost_usd: 0.5 },
        { ...spent, step_id: '1.b', usage, cost_usd: 0.25, failed: true },
        { ...spent, step_id: '1.c', usage, cost_usd: 0, unpriced: true, tool: 'llm.ask' },
      ],
    });
    const during = { from: new Date(START - 1_000), to: new Date(START + 60_000) };
    const sums = (by: UsageDimension[], filter: Partial<UsageFilter> = {}) =>
      sumUsage(store.db, 'spent', by, { ...during, ...filter });
    const [models] = await sums(['kind'], { kind: 'model' });
    expect(models).toMatchObject({ kind: 'model', calls: 1 });
    const tools = {
      calls: 3,
      errors: 1,
      input_tokens: 14,
      output_tokens: 4,
      cost_usd: 0.75,
      unpriced_calls: 1,
    };
    expect(await sums(['kind'])).toMatchObject([models, { kind: 'tool', ...tools }]);
    const day = new Date(START).toISOString().slice(0, 10);
    expect(await sums(['day', 'model', 'tool'], { key: 'key_1' })).toMatchObject([
      { day, model: expect.any(String), tool: null, cost_usd: models?.cost_usd },
      { day, model: null, tool: 'llm.ask', calls: 1, cost_usd: 0, unpriced_calls: 1 },
      { day, model: null, tool: 'web.search', calls: 2, errors: 1, cost_usd: 0.75 },
    ]);
    expect(await sums(['tag'], { tool: 'llm.ask' })).toMatchObject([
      { tag: 'x', calls: 1 },
      { tag: 'y', calls: 1 },
    ]);
    const [first] = (await listUsage(store.db, 'spent', ['tool'], { ...during, kind: 'tool' }, { limit: 1 }))
      .data;
    expect(first?.tool).toBe('llm.ask');
    expect(await sumUsage(store.db, 'other', ['tool'], during)).toEqual([]);
    await deleteRun(store.db, 'spent', run.id);
    expect(await sums(['kind'])).toEqual([]);
  });

  it('lets a side effect begin once and remembers how it ended', async () => {
    const run = aRun({ tenant: 'journal' });
    await insertAccepted(store.db, run, null);
    const key = { run_id: run.id, step_id: '1.pay', try: 1, fallback: false };
    const now = new Date(START);
    const { try: _, ...call } = key;
    const noted = () => listSideEffects(store.db, 'journal', call);
    expect(await noted()).toEqual([]);
    expect(await beginSideEffect(store.db, 'journal', key, { epoch: 1, now })).toBe(true);
    expect(await beginSideEffect(store.db, 'journal', key, { epoch: 2, now })).toBe(false);
    expect(await noted()).toEqual([{ try: 1, epoch: 1, outcome: null }]);
    await finishSideEffect(store.db, 'journal', key, { outcome: [1, { ok: true }], now });
    expect(await noted()).toEqual([{ try: 1, epoch: 1, outcome: [1, { ok: true }] }]);
    expect(await listSideEffects(store.db, 'other', call)).toEqual([]);
  });

  it('forgets runs that ended long ago, a batch at a time', async () => {
    const runs = [0, 1, 2].map(() => aRun({ tenant: 'old' }));
    for (const run of runs) {
      await insertAccepted(store.db, run, null);
      await archiveRun(store.db, anArchive(run, 0));
    }
    const before = new Date(START + 60_000);
    expect(await deleteEndedRuns(store.db, { before, limit: 2 })).toBe(2);
    expect(await deleteEndedRuns(store.db, { before, limit: 2 })).toBe(1);
    expect(await deleteEndedRuns(store.db, { before, limit: 2 })).toBe(0);
  });
});

const START = Date.parse('2026-11-20T10:00:00.000Z');

function aRun({
  tenant,
  at = START,
  question = 'how is db-01?',
}: {
  tenant: string;
  at?: number;
  question?: string;
}): RunRecord {
  return {
    id: newRunId(at),
    incarnation: 0,
    partition: 0,
    caller: { tenant, user: 'ann', key_id: 'key_1' },
    request_id: 'req-1',
    request: {
      question,
      messages: [],
      agent: null,
      budget: {},
      deadline: null,
      options: {
        cache: true,
        selector: true,
        compositions: true,
        plan_cache: true,
        trace: true,
        strategy: 'most_accurate',
        max_attempts: 3,
        priority: 5,
      },
      tags: [],
      blueprint: null,
      composition: null,
      rerun: null,
      schedule_id: null,
      conversation_id: null,
    },
    status: 'accepted',
    created_at: new Date(at).toISOString(),
  };
}

function aStep(id: string, ms: number, result?: StepView['result']): StepView {
  return {
    id,
    attempt: 1,
    tool: 'ci.search',
    purpose: '',
    status: 'completed',
    reason: null,
    depends_on: [],
    args: {},
    bound_args: {},
    queued_at: new Date(START).toISOString(),
    started_at: new Date(START).toISOString(),
    ended_at: new Date(START + ms).toISOString(),
    cached: ms === 100,
    attempts: 1,
    retries: 0,
    fallback_used: false,
    usage: null,
    cost_usd: 0,
    result_bytes: 10,
    result_count: 1,
    records: [],
    approval: null,
    copied_from: null,
    ...(result === undefined ? {} : { result }),
    error: null,
  };
}

function defined(id: string): ArchivedStep['definition'] {
  const spec = PlanStep.parse({ id, tool: 'ci.search' });
  const dispatch = { class: 'io' as const, timeout_ms: 1_000, max_tries: 1 };
  return { admitted: { id: `1.${id}`, spec, data_deps: [], after_deps: [], dispatch }, call_hash: null };
}

function anArchive(run: RunRecord, incarnation: number) {
  const line = { used: 0, limit: null, percent: null, exceeded: false };
  const at = new Date(START + 1000).toISOString();
  const response: RunResponse = {
    id: run.id,
    status: 'completed',
    question: run.request.question,
    agent: null,
    conversation_id: null,
    plan_source: null,
    parent_run_id: null,
    schedule_id: null,
    answer: 'fine',
    partial: false,
    missing: [],
    citations: [],
    steps: [],
    usage: { models: [], cost_usd: 0.25 },
    prompts: [],
    budget: { cost_usd: line, tokens: line, ms: line, steps: line },
    planner: 'rules',
    sample_data: true,
    timings: {
      created_at: run.created_at,
      ended_at: at,
      total_ms: 1000,
      planning_ms: 1,
      executing_ms: 1,
      joining_ms: 1,
      sequential_ms: 400,
    },
    request_id: run.request_id,
    error: null,
  };
  return {
    run_id: run.id,
    incarnation,
    response,
    tool_spending: [],
    steps: [
      { view: aStep('1.small', 100, { text: 'a\0b' }), result_epoch: null, definition: defined('small') },
      { view: aStep('1.big', 300), result_epoch: 4, definition: defined('big') },
    ],
    plan: null,
    model_calls: [
      {
        purpose: 'plan' as const,
        provider: 'p',
        model: 'm',
        agent: null,
        status: 'ok' as const,
        usage: Usage.parse({ input_tokens: 1, output_tokens: 1 }),
        cost_usd: null,
        started_at: at,
        duration_ms: 5,
        first_token_ms: null,
        request_id: 'req-1',
        prompt: null,
        error: null,
      },
    ],
    events: [
      { number: 1, at, type: 'run.accepted' as const, data: { question: 'q', agent: null } },
      { number: 2, at, type: 'answer.delta' as const, data: { attempt: 1, text: 'a\0\ud800' } },
      { number: 9, at, type: 'run.completed' as const, data: { status: 'completed' as const, error: null } },
    ],
  };
}
