import { Usage, type UsageDimension } from '@planyard/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { archiveRun } from './archive-run.ts';
import { deleteRun, insertAccepted } from './runs.ts';
import { toolStats } from './stats.ts';
import type { ArchivedStep } from './steps.ts';
import { type TestDatabase, testDatabases } from './testing/open-test-database.ts';
import { anArchive, aRun, aStep, defined, START } from './testing/run-fixtures.ts';
import { listUsage, sumUsage, type UsageFilter } from './usage.ts';

describe.each(testDatabases(inject('postgresUrl')))('usage of tools on $name', ({ open }) => {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

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
});
