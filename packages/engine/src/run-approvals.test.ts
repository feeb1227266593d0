import type { RunEvent } from '@planyard/contracts';
import { expect, test } from 'vitest';
import {
  completed,
  consumeAll,
  failed,
  namespaceOf,
  PATIENCE,
  reconcileUntil,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';

const BY_ANA = { by: 'ana', comment: null };

test('a step that asks for approval frees its worker, and runs with the frozen arguments once approved', async () => {
  const t = testEngine();
  const frozen: unknown[] = [];
  consumeAll(t, {
    steps: [{ id: 'a' }],
    execute: (step) => {
      frozen.push(step.frozen_args);
      return step.frozen_args
        ? completed('done')
        : { kind: 'awaiting_approval', bound_args: { x: 1 }, effects: 'write', expires_in_ms: 60_000 };
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  for await (const event of t.engine.followEvents(record.id, 0, PATIENCE()))
    if (event.type === 'step.awaiting_approval') {
      expect(event.data).toMatchObject({ args: { x: 1 }, effects: 'write' });
      expect((await t.engine.readStep(record.id, '1.a'))?.approval).toMatchObject({
        decision: null,
        by: null,
      });
      expect(await t.engine.readStep(record.id, '1.a')).toMatchObject({ started_at: null });
      await t.engine.approveStep(record.id, '1.a', BY_ANA);
    }
  expect(frozen).toEqual([null, { x: 1 }]);
  const step = await t.engine.readStep(record.id, '1.a');
  expect(step).toMatchObject({ begins: 2, retries: 0 });
  expect(step?.approval).toMatchObject({ decision: 'approved', by: 'ana', edited: false });
  await expect(t.engine.approveStep(record.id, '1.a', BY_ANA)).rejects.toMatchObject({ code: 'conflict' });
});

test('a step runs with the arguments that a person put in place of its own, and says so', async () => {
  const t = testEngine();
  consumeAll(t, {
    steps: [{ id: 'a' }],
    execute: (step) =>
      step.frozen_args
        ? completed('done', step.frozen_args)
        : { kind: 'awaiting_approval', bound_args: { x: 1 }, effects: 'write', expires_in_ms: 60_000 },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  const seen: RunEvent[] = [];
  for await (const event of t.engine.followEvents(record.id, 0, PATIENCE())) {
    seen.push(event);
    if (event.type !== 'step.awaiting_approval') continue;
    const other = { ...BY_ANA, edited: { tool: 'test.other', args: { x: 3 } } };
    await expect(t.engine.approveStep(record.id, '1.a', other)).rejects.toMatchObject({ code: 'conflict' });
    await t.engine.approveStep(record.id, '1.a', {
      by: 'ana',
      comment: 'two',
      edited: { tool: 'test.echo', args: { x: 2 } },
    });
  }
  expect(await t.engine.readStep(record.id, '1.a')).toMatchObject({
    status: 'completed',
    bound_args: { x: 2 },
    approval: { decision: 'approved', by: 'ana', comment: 'two', edited: true, effects: 'write' },
  });
  expect(seen.find(({ type }) => type === 'step.approved')?.data).toEqual({
    step: '1.a',
    by: 'ana',
    comment: 'two',
    edited: true,
    args: { x: 2 },
  });
});

test('the fallback of an approved step has arguments of its own and asks for itself', async () => {
  const t = testEngine();
  const ran: unknown[] = [];
  consumeAll(t, {
    steps: [
      { id: 'a', args: { x: 1 }, on_error: 'fallback', fallback: { tool: 'test.spare', args: { y: 2 } } },
    ],
    execute: (step) => {
      if (!step.frozen_args)
        return { kind: 'awaiting_approval', bound_args: step.args, effects: 'write', expires_in_ms: 60_000 };
      ran.push([step.tool, step.frozen_args]);
      return step.is_fallback ? completed('spared') : failed();
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  let seen: string | undefined;
  for await (const event of t.engine.followEvents(record.id, 0, PATIENCE())) {
    if (event.type !== 'step.awaiting_approval') continue;
    const { call } = event.data;
    // Who saw the first call decides about no other.
    seen ??= call;
    const late = { ...BY_ANA, call: seen };
    if (call !== seen) {
      await expect(t.engine.approveStep(record.id, '1.a', late)).rejects.toMatchObject({ code: 'conflict' });
      await expect(t.engine.rejectStep(record.id, '1.a', late)).rejects.toMatchObject({ code: 'conflict' });
    }
    expect((await t.engine.readStep(record.id, '1.a'))?.approval?.call).toBe(call);
    await t.engine.approveStep(record.id, '1.a', { ...BY_ANA, call });
  }
  expect(ran).toEqual([
    ['test.echo', { x: 1 }],
    ['test.spare', { y: 2 }],
  ]);
});

test('a rejected step fails, an approval that nobody gives expires, and the clock of the run stands still meanwhile', async () => {
  const t = testEngine();
  consumeAll(t, {
    steps: [{ id: 'no' }, { id: 'never' }],
    execute: () => ({
      kind: 'awaiting_approval',
      bound_args: {},
      effects: 'write',
      expires_in_ms: 60_000,
    }),
  });
  const record = runRecord({ budget: { ms: 60_000 } });
  await t.engine.submitRun(record);
  const end = untilEnd(t.engine, record.id);
  const statuses = async () => (await t.engine.readSteps(record.id)).map(({ status }) => status);
  await expect.poll(statuses).toEqual(['awaiting_approval', 'awaiting_approval']);
  await t.engine.rejectStep(record.id, '1.no', { by: 'ana', comment: 'not today' });
  const prefix = `${namespaceOf(t)}:{p0}:`;
  // Ends the run, if its clock runs.
  await t.redis.zadd(`${prefix}deadlines`, 'XX', 1, `${record.id}:1`);
  await t.engine.reconcile();
  await t.redis.zadd(`${prefix}approvals`, 'XX', 1, `${record.id}:1|1.never`);
  await reconcileUntil(t.engine, end);
  const steps = await t.engine.readSteps(record.id);
  expect(steps.map((step) => step.error?.code)).toEqual(['rejected', 'approval_expired']);
  expect(steps.map((step) => step.started_at)).toEqual([null, null]);
  expect(steps.map((step) => [step.approval?.decision, step.approval?.by, step.approval?.comment])).toEqual([
    ['rejected', 'ana', 'not today'],
    ['expired', null, null],
  ]);
});
