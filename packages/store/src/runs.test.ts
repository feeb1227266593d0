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
import { findStep, listSteps } from './steps.ts';
import { type TestDatabase, testDatabases } from './testing/open-test-database.ts';
import { anArchive, aRun, START } from './testing/run-fixtures.ts';

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

  it('lets a side effect begin once and remembers how it ended', async () => {
    const run = aRun({ tenant: 'journal' });
    await insertAccepted(store.db, run, null);
    const entry = { incarnation: 1, step_id: '1.pay', try: 1, fallback: false };
    const key = { run_id: run.id, ...entry };
    const call = { run_id: run.id, call_hash: 'pay' };
    const begin = (of: typeof key, call_hash: string) =>
      beginSideEffect(store.db, 'journal', of, { call_hash, epoch: 1, now: new Date(START) });
    const noted = () => listSideEffects(store.db, 'journal', call);
    expect(await noted()).toEqual([]);
    expect(await begin(key, 'pay')).toBe(true);
    expect(await begin(key, 'pay')).toBe(false);
    expect(await begin({ ...key, incarnation: 2 }, 'mail')).toBe(true);
    expect(await noted()).toEqual([{ ...entry, outcome: null }]);
    const outcome = [1, { ok: true }];
    await finishSideEffect(store.db, 'journal', key, { outcome, now: new Date(START) });
    expect(await noted()).toEqual([{ ...entry, outcome }]);
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
