import { LIMITS, type RunEvent, RunRequest } from '@planyard/contracts';
import { expect, inject, test } from 'vitest';
import {
  ANSWER,
  admit,
  completed,
  consumeAll,
  failed,
  reconcileUntil,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';

const redisUrl = inject('redisUrl');
const BY_ANA = { by: 'ana', comment: null };
const FAST = { lease_ms: 300, renew_ms: 100, due_grace_ms: 200, due_recheck_ms: 200 };

test('a cancelled run ends at once, and the step that runs is told', async () => {
  const t = testEngine(redisUrl);
  const started = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<string>();
  consumeAll(t, {
    steps: [{ id: 'a' }, { id: 'b', after: ['a'] }],
    execute: (_step, { signal }) => {
      started.resolve();
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          stopped.resolve(String(signal.reason.code));
          reject(signal.reason);
        }),
      );
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await started.promise;
  expect(await t.engine.cancelRun(record.id)).toBe(true);
  expect(await stopped.promise).toBe('aborted');
  expect((await untilEnd(t.engine, record.id)).at(-1)?.type).toBe('run.cancelled');
  expect((await t.engine.readSteps(record.id)).map((step) => `${step.status} ${step.reason}`)).toEqual([
    'aborted cancelled',
    'aborted cancelled',
  ]);
  expect(await t.engine.cancelRun(record.id)).toBe(false);
});

test('a step that asks for approval frees its worker, and runs with the frozen arguments once approved', async () => {
  const t = testEngine(redisUrl);
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
  for await (const event of t.engine.followEvents(record.id, 0, AbortSignal.timeout(10_000)))
    if (event.type === 'step.awaiting_approval') {
      expect(event.data).toMatchObject({ args: { x: 1 }, effects: 'write' });
      expect((await t.engine.readStep(record.id, '1.a'))?.approval).toMatchObject({
        decision: null,
        by: null,
      });
      await t.engine.approveStep(record.id, '1.a', BY_ANA);
    }
  expect(frozen).toEqual([null, { x: 1 }]);
  const step = await t.engine.readStep(record.id, '1.a');
  expect(step).toMatchObject({ begins: 2, retries: 0 });
  expect(step?.approval).toMatchObject({ decision: 'approved', by: 'ana', edited: false });
  await expect(t.engine.approveStep(record.id, '1.a', BY_ANA)).rejects.toMatchObject({ code: 'conflict' });
});

test('a step runs with the arguments that a person put in place of its own, and says so', async () => {
  const t = testEngine(redisUrl);
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
  for await (const event of t.engine.followEvents(record.id, 0, AbortSignal.timeout(10_000))) {
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
  const t = testEngine(redisUrl);
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
  for await (const event of t.engine.followEvents(record.id, 0, AbortSignal.timeout(10_000)))
    if (event.type === 'step.awaiting_approval') await t.engine.approveStep(record.id, '1.a', BY_ANA);
  expect(ran).toEqual([
    ['test.echo', { x: 1 }],
    ['test.spare', { y: 2 }],
  ]);
});

test('a rejected step fails, an approval that nobody gives expires, and the clock of the run stands still meanwhile', async () => {
  const t = testEngine(redisUrl);
  consumeAll(t, {
    steps: [{ id: 'no' }, { id: 'never' }],
    execute: (step) => ({
      kind: 'awaiting_approval',
      bound_args: {},
      effects: 'write',
      expires_in_ms: step.step === '1.never' ? 300 : 60_000,
    }),
  });
  const record = runRecord({ budget: { ms: 250 } });
  await t.engine.submitRun(record);
  const end = untilEnd(t.engine, record.id);
  for await (const event of t.engine.followEvents(record.id, 0, AbortSignal.timeout(10_000)))
    if (event.type === 'step.awaiting_approval' && event.data.step === '1.no') {
      await t.engine.rejectStep(record.id, '1.no', { by: 'ana', comment: 'not today' });
      break;
    }
  await reconcileUntil(t.engine, end);
  const steps = await t.engine.readSteps(record.id);
  expect(steps.map((step) => step.error?.code)).toEqual(['rejected', 'approval_expired']);
  expect(steps.map((step) => [step.approval?.decision, step.approval?.by, step.approval?.comment])).toEqual([
    ['rejected', 'ana', 'not today'],
    ['expired', null, null],
  ]);
});

test('a step of a dead worker runs again elsewhere; the late result of the dead one is refused', async () => {
  const t = testEngine(redisUrl, { settings: FAST });
  const zombie = testEngine(redisUrl, { settings: { ...FAST, renew_ms: 60_000, namespace: namespaceOf(t) } });
  const record = runRecord();
  const began = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  zombie.close(
    zombie.engine.consumeSteps(
      async () => {
        began.resolve();
        await late.promise;
        return completed('late');
      },
      { classes: ['io'], concurrency: 1, worker: 'zombie' },
    ),
  );
  t.close(
    t.engine.consumePhases(
      {
        plan: async (phase) => {
          await phase.addSteps([admit(1, { id: 'a' })]);
          await phase.seal({ intent: '' });
        },
        join: (phase) => phase.finish(ANSWER),
        persist: (phase) => phase.announce(),
      },
      { concurrency: 1, worker: 'p' },
    ),
  );
  await t.engine.submitRun(record);
  await began.promise;
  t.close(
    t.engine.consumeSteps(
      async (step) => {
        expect(step.recovered).toBe(true);
        late.resolve();
        return completed('fresh');
      },
      { classes: ['io'], concurrency: 1, worker: 'fresh' },
    ),
  );
  await reconcileUntil(t.engine, untilEnd(t.engine, record.id));
  expect((await t.engine.readStep(record.id, '1.a'))?.result?.value).toBe('fresh');
  expect((await t.engine.readStep(record.id, '1.a'))?.begins).toBe(2);
});

test.each([
  ['before it held the lease', 'stepBegun'],
  ['after', 'execute'],
])('a worker that was frozen %s does not call the tool when it wakes', async (_when, where) => {
  const freeze = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FAST.lease_ms + 100);
  let begins = 0;
  const observe = { stepBegun: () => void (where === 'stepBegun' && ++begins === 1 && freeze()) };
  const t = testEngine(redisUrl, { settings: FAST, observe });
  const called: number[] = [];
  const refused: string[] = [];
  consumeAll(t, {
    steps: [{ id: 'a' }],
    execute: async (step, { confirmLease }) => {
      if (where === 'execute' && ++begins === 1) freeze();
      await confirmLease().catch((error) => {
        refused.push(error.code);
        throw error;
      });
      called.push(step.epoch);
      return completed('done');
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await reconcileUntil(t.engine, untilEnd(t.engine, record.id));
  expect({ refused, called }).toEqual({ refused: ['stale'], called: [2] });
});

test('a job that was lost between two writes is enqueued again', async () => {
  const t = testEngine(redisUrl, { settings: FAST });
  const record = runRecord();
  await t.engine.submitRun(record);
  await Promise.all(t.engine.queues().map((queue) => queue.obliterate({ force: true })));
  consumeAll(t, { steps: [{ id: 'a' }] });
  await reconcileUntil(t.engine, untilEnd(t.engine, record.id));
});

test('a planner that dies in mid-plan is replaced: what had not begun is void, what ran is awaited and adopted', async () => {
  const t = testEngine(redisUrl, { settings: FAST });
  const running = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const reasons: string[] = [];
  let deadPhase: { addSteps(steps: ReturnType<typeof admit>[]): Promise<void> } | undefined;
  consumeAll(t, {
    plan: async (phase) => {
      reasons.push(phase.reason);
      if (phase.reason === 'first') {
        deadPhase = phase;
        await phase.addSteps([admit(1, { id: 'a' }), admit(1, { id: 'b', after: ['a'] })]);
        await running.promise;
        return; // as a killed process: neither sealed nor finished
      }
      await phase.addSteps([admit(phase.attempt, { id: 'a' })]);
      await phase.seal({ intent: '' });
    },
    execute: async (step) => {
      const adopted = await t.engine.findAdoptable(step, 'same-call');
      if (adopted) return { kind: 'completed', result: adopted.result, bound_args: {}, cached: true };
      running.resolve();
      await finish.promise;
      return { ...completed('first'), call_hash: 'same-call' } as ReturnType<typeof completed>;
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  const end = untilEnd(t.engine, record.id);
  for await (const event of t.engine.followEvents(record.id, 0, AbortSignal.timeout(10_000))) {
    if (event.type === 'step.started') void reconcileUntil(t.engine, end);
    if (event.type === 'step.aborted') {
      expect(event.data).toEqual({ step: '1.b', reason: 'superseded' });
      finish.resolve();
    }
  }
  await end;
  expect(reasons).toEqual(['first', 'restart']);
  const steps = await t.engine.readSteps(record.id);
  expect(steps.map((step) => `${step.id} ${step.status} ${step.cached} ${step.begins}`)).toEqual([
    '1.a completed false 1',
    '1.b aborted false 0',
    '2.a completed true 1',
  ]);
  await expect(deadPhase?.addSteps([admit(1, { id: 'z' })])).rejects.toMatchObject({ code: 'stale' });
});

test('a replan is a new attempt that sees the first; the last one may only answer', async () => {
  const t = testEngine(redisUrl);
  const conclude: unknown[] = [];
  const seen: string[][] = [];
  consumeAll(t, {
    plan: async (phase) => {
      seen.push(phase.steps.map((step) => step.id));
      await phase.addSteps([
        admit(phase.attempt, { id: 'a', ...(phase.attempt > 1 ? { args: { x: { $from: '1.a' } } } : {}) }),
      ]);
      await phase.seal({ intent: '' });
    },
    join: async (phase) => {
      conclude.push(phase.must_conclude);
      if (phase.must_conclude) return phase.finish(ANSWER);
      await phase.replan('more');
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  expect(conclude).toEqual([null, null, 'attempts']);
  expect(seen).toEqual([[], ['1.a'], ['1.a', '2.a']]);
});

test('past its deadline a run concludes with what it has', async () => {
  const t = testEngine(redisUrl);
  const conclude: unknown[] = [];
  consumeAll(t, {
    steps: [{ id: 'quick' }, { id: 'slow' }],
    execute: (step, { signal }) =>
      step.step === '1.quick'
        ? completed('evidence')
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    join: async (phase) => {
      conclude.push(phase.must_conclude, ...phase.steps.map((step) => `${step.status}:${step.reason ?? ''}`));
      await phase.finish({ ...ANSWER, status: 'partial' });
    },
  });
  const record = runRecord({ budget: { ms: 400 } });
  await t.engine.submitRun(record);
  const end = untilEnd(t.engine, record.id);
  await reconcileUntil(t.engine, end);
  expect((await end).at(-1)?.type).toBe('run.partial');
  expect(conclude).toEqual(['deadline', 'completed:', 'aborted:deadline']);
});

test('caps hold for a run, a tenant and a tool, and nothing is left behind by them', async () => {
  for (const caps of [{ run_in_flight: 3 }, { tenant_in_flight: 3 }, { tool: 3 }]) {
    const { tool, ...settings } = { tool: undefined, ...caps } as { tool?: number };
    const t = testEngine(redisUrl, { settings });
    let inFlight = 0;
    let most = 0;
    consumeAll(t, {
      steps: Array.from({ length: 20 }, (_, index) => ({ id: `s${index}` })),
      dispatch: tool ? { max_in_flight: tool } : {},
      execute: async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        return completed(1);
      },
    });
    const record = runRecord();
    await t.engine.submitRun(record);
    await untilEnd(t.engine, record.id);
    expect(most).toBeLessThanOrEqual(3);
    const slots = await t.redis.hvals(`${namespaceOf(t)}:{p0}:slots`);
    expect(slots.every((count) => count === '0')).toBe(true);
  }
});

test('what the graph refuses, it refuses whole and by name', async () => {
  const t = testEngine(redisUrl);
  const codes: unknown[] = [];
  const refused = (promise: Promise<void>) =>
    promise.then(() => codes.push('accepted')).catch((error) => codes.push(error.code));
  consumeAll(t, {
    plan: async (phase) => {
      await refused(phase.addSteps([admit(1, { id: 'a' }), admit(1, { id: 'b', after: ['ghost'] })]));
      await refused(phase.addSteps([admit(1, { id: 'a' }), admit(1, { id: 'a' })]));
      await refused(
        phase.addSteps(
          Array.from({ length: LIMITS.steps_per_plan + 1 }, (_, n) => admit(1, { id: `s${n}` })),
        ),
      );
      const chain = Array.from({ length: LIMITS.graph_depth + 1 }, (_, n) =>
        admit(1, { id: `c${n}`, after: n ? [`c${n - 1}`] : [] }),
      );
      await refused(phase.addSteps(chain));
      await refused(phase.addSteps([admit(1, { id: 'big', args: { x: 'x'.repeat(LIMITS.args_bytes) } })]));
      await refused(phase.addSteps([admit(1, { id: 'self', after: ['self'] })]));
      await phase.seal({ intent: '' });
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  expect(codes).toEqual([
    'unknown_step',
    'duplicate_step',
    'plan_too_large',
    'plan_too_deep',
    'args_too_large',
    'unknown_step',
  ]);
  expect(await t.engine.readSteps(record.id)).toEqual([]);
});

test('a budget of steps and a cap on open runs are refused by name', async () => {
  const t = testEngine(redisUrl, { settings: { open_runs_cap: 1 } });
  const record = runRecord({ budget: { steps: 1 } });
  await t.engine.submitRun(record);
  await t.engine.submitRun(record);
  await expect(t.engine.submitRun(runRecord())).rejects.toMatchObject({ code: 'overloaded', retryAfter: 5 });
  let refused: unknown;
  consumeAll(t, {
    plan: async (phase) => {
      refused = await phase.addSteps([admit(1, { id: 'a' }), admit(1, { id: 'b' })]).catch((error) => error);
      await phase.seal({ intent: '' });
    },
  });
  await untilEnd(t.engine, record.id);
  expect(refused).toMatchObject({ code: 'budget_exceeded', message: expect.stringContaining('"1.b"') });
  expect(await t.engine.openRuns()).toBe(0);
});

test('a planner that keeps failing ends the run; an archive that fails is tried until it holds', async () => {
  const logged: object[] = [];
  const t = testEngine(redisUrl, { log: { warn: () => {}, error: (fields) => logged.push(fields) } });
  let planned = 0;
  let archived = 0;
  t.close(
    t.engine.consumePhases(
      {
        plan: async () => {
          planned += 1;
          throw new Error('boom');
        },
        join: (phase) => phase.finish(ANSWER),
        persist: async (phase) => {
          archived += 1;
          if (archived < 3) throw new Error('Postgres is away');
          await phase.announce();
        },
      },
      { concurrency: 1, worker: 'p' },
    ),
  );
  const record = runRecord();
  await t.engine.submitRun(record);
  const events = await untilEnd(t.engine, record.id);
  expect(events.at(-1)).toMatchObject({ type: 'run.failed', data: { error: { code: 'internal' } } });
  expect([planned, archived]).toEqual([3, 3]);
  const names = { request_id: 'req-1', run_id: record.id };
  expect(logged).toMatchObject([1, 2, 3, 4, 5].map(() => names));
});

test('a rebuilt run has the next incarnation; the old one’s jobs are refused and its numbers stay behind', async () => {
  const t = testEngine(redisUrl);
  const record = runRecord();
  await t.engine.submitRun(record);
  const ref = { run_id: record.id, incarnation: 2 };
  expect(await t.engine.missingRuns([ref])).toEqual([ref]);
  await t.engine.submitRun({ ...record, incarnation: 2 });
  expect(await t.engine.missingRuns([ref])).toEqual([]);
  consumeAll(t, { steps: [{ id: 'a' }] });
  const events: RunEvent[] = await untilEnd(t.engine, record.id);
  expect(events[0]?.number).toBe(1_000_001);
});

test('without a trace a run completes all the same; only its own events are told', async () => {
  const t = testEngine(redisUrl);
  consumeAll(t, { steps: [{ id: 'a' }, { id: 'b', after: ['a'] }] });
  const options = RunRequest.shape.options.parse({ trace: false });
  const record = runRecord({ options });
  await t.engine.submitRun(record);
  expect((await untilEnd(t.engine, record.id)).map((event) => event.type)).toEqual([
    'run.accepted',
    'run.completed',
  ]);
  expect((await t.engine.readSteps(record.id)).map((step) => step.status)).toEqual([
    'completed',
    'completed',
  ]);
});

function namespaceOf(t: ReturnType<typeof testEngine>): string {
  return (t.engine.queues()[0]?.opts.prefix ?? '').split(':')[0] ?? '';
}
