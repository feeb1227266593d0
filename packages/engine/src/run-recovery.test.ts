import { PlanyardError } from '@planyard/contracts';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  ANSWER,
  admit,
  completed,
  consumeAll,
  endLeases,
  FAST,
  namespaceOf,
  PATIENCE,
  reconcileUntil,
  runRecord,
  testEngine,
  untilEnd,
} from './engine-harness.ts';

test('a step of a dead worker runs again elsewhere; the late result of the dead one is refused', async () => {
  const t = testEngine({ settings: FAST });
  const zombie = testEngine({ settings: { ...FAST, renew_ms: 60_000, namespace: namespaceOf(t) } });
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
  await endLeases(t, '1.a');
  await reconcileUntil(t.engine, untilEnd(t.engine, record.id));
  expect((await t.engine.readStep(record.id, '1.a'))?.result?.value).toBe('fresh');
  expect((await t.engine.readStep(record.id, '1.a'))?.begins).toBe(2);
});

test.each([
  ['before it held the lease', 'stepBegun'],
  ['after', 'execute'],
  ['while it noted what it was about to do', 'before'],
])('a worker that was frozen %s does not call the tool when it wakes', async (_when, where) => {
  // To a process that is frozen nothing happens but that it is later.
  const now = Date.now;
  let frozenMs = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + frozenMs);
  onTestFinished(() => clock.mockRestore());
  const freeze = () => {
    frozenMs = FAST.lease_ms + 1_000;
  };
  let begins = 0;
  const observe = { stepBegun: () => void (where === 'stepBegun' && ++begins === 1 && freeze()) };
  const t = testEngine({ settings: FAST, observe });
  const called: number[] = [];
  const refused: string[] = [];
  consumeAll(t, {
    steps: [{ id: 'a' }],
    execute: async (step, { makeCall }) => {
      if (where === 'execute' && ++begins === 1) freeze();
      const before = async () => {
        if (where === 'before' && ++begins === 1) freeze();
      };
      await makeCall(0, () => called.push(step.epoch), before).catch(async (error) => {
        refused.push(error.code);
        await endLeases(t, '1.a');
        throw error;
      });
      return completed('done');
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await reconcileUntil(t.engine, untilEnd(t.engine, record.id));
  expect({ refused, called }).toEqual({ refused: ['stale'], called: [2] });
});

test('a run whose join kills every planner fails in the end', async () => {
  const t = testEngine({ settings: { ...FAST, renew_ms: 60_000 }, random: () => 0 });
  let joins = 0;
  consumeAll(t, {
    steps: [{ id: 'a' }],
    async join() {
      joins += 1;
      await endLeases(t, '@join');
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  const ended = untilEnd(t.engine, record.id);
  await reconcileUntil(t.engine, ended);
  expect(joins).toBe(8);
  expect((await ended).at(-1)).toMatchObject({ type: 'run.failed', data: { error: { code: 'internal' } } });
});

test('nothing comes between the last look at a lease and the call', async () => {
  const t = testEngine();
  const order: string[] = [];
  consumeAll(t, {
    steps: [{ id: 'a' }],
    execute: async (_step, { makeCall }) => {
      const calling = makeCall(0, () => order.push('called'));
      queueMicrotask(() => order.push('something else'));
      await calling;
      return completed('done');
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  await untilEnd(t.engine, record.id);
  expect(order).toEqual(['called', 'something else']);
});

test('a job that was lost between two writes is enqueued again', async () => {
  const t = testEngine({ settings: FAST });
  const record = runRecord();
  await t.engine.submitRun(record);
  await Promise.all(t.engine.queues().map((queue) => queue.obliterate({ force: true })));
  consumeAll(t, { steps: [{ id: 'a' }] });
  await reconcileUntil(t.engine, untilEnd(t.engine, record.id));
});

test('a planner that dies in mid-plan is replaced: what had not begun is void, what ran is awaited and adopted', async () => {
  const t = testEngine({ settings: FAST });
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
      const adopted = await t.engine.findSettled(step, 'same-call', 'read');
      if (adopted && 'result' in adopted)
        return { kind: 'completed', result: adopted.result, bound_args: {}, cached: true };
      running.resolve();
      await finish.promise;
      return { ...completed('first'), call_hash: 'same-call' } as ReturnType<typeof completed>;
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  const end = untilEnd(t.engine, record.id);
  for await (const event of t.engine.followEvents(record.id, 0, PATIENCE())) {
    if (event.type === 'step.started') {
      await endLeases(t, '@plan');
      void reconcileUntil(t.engine, end);
    }
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

test('a planner that keeps failing ends the run; an archive that fails is tried until it holds', async () => {
  const logged: object[] = [];
  const t = testEngine({ log: { warn: () => {}, error: (fields) => logged.push(fields) } });
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

test('a phase that finds something away is tried until the deadline of its run, then as any that fails', async () => {
  const t = testEngine();
  const tries: unknown[] = [];
  consumeAll(t, {
    async join({ must_conclude }) {
      tries.push(must_conclude);
      if (tries.length === 4) past.resolve();
      throw new PlanyardError('unavailable', 'Postgres is away');
    },
  });
  const past = Promise.withResolvers<void>();
  const record = runRecord({ budget: { ms: 60_000 } });
  await t.engine.submitRun(record);
  await past.promise;
  await t.redis.zadd(`${namespaceOf(t)}:{p0}:deadlines`, 0, `${record.id}:1`);
  const end = untilEnd(t.engine, record.id);
  await reconcileUntil(t.engine, end);
  expect((await end).at(-1)).toMatchObject({ type: 'run.failed', data: { error: { code: 'unavailable' } } });
  expect(tries.filter((why) => why === null).length).toBeGreaterThanOrEqual(4);
  expect(tries.filter((why) => why === 'deadline')).toHaveLength(3);
});

test('planning that finds something away uses up no attempt, unless steps of it are in the graph', async () => {
  const t = testEngine();
  const attempts: number[] = [];
  const away = new PlanyardError('unavailable', 'Postgres is away');
  consumeAll(t, {
    async plan(phase) {
      attempts.push(phase.attempt);
      const started = await phase.started({ planner: 'test' });
      if (attempts.length < 3) throw away;
      await started.addSteps([admit(phase.attempt, { id: 'a' })]);
      if (attempts.length < 4) throw away;
      await started.seal({ intent: 'test' });
    },
  });
  const record = runRecord();
  await t.engine.submitRun(record);
  expect((await untilEnd(t.engine, record.id)).at(-1)?.type).toBe('run.completed');
  expect(attempts).toEqual([1, 1, 1, 2]);
});
