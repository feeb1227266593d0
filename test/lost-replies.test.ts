import { randomUUID } from 'node:crypto';
import { type AdmittedStep, ModelCall, newRunId, PlanStep, RunRequest } from '@planyard/contracts';
import { createEngine } from '@planyard/engine';
import { openWay } from '@planyard/gateway/testing';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';

const CALL = ModelCall.parse({
  purpose: 'plan',
  provider: 'scripted',
  model: 'm1',
  agent: null,
  status: 'ok',
  usage: { input_tokens: 10, output_tokens: 5 },
  cost_usd: 0.02,
  started_at: '2026-11-20T10:00:00.000Z',
  duration_ms: 3,
  first_token_ms: 1,
  request_id: 'req-1',
});

const step = (id: string): AdmittedStep => ({
  id: `1.${id}`,
  spec: PlanStep.parse({ id, tool: 'test.tool' }),
  data_deps: [],
  after_deps: [],
  dispatch: { class: 'io', timeout_ms: 5_000, max_tries: 1 },
});

/** Plans a run over a way to Redis that is cut, where `lossy`, after Redis has done a write and before anybody hears of it. */
async function plan(lossy: boolean): Promise<{ run: unknown; steps: unknown; events: unknown }> {
  const way = await openWay(inject('redisUrl'));
  const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 3 });
  const workerRedis = new Redis(way.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  workerRedis.on('error', () => {});
  const log = { warn: () => {}, error: () => {} };
  const settings = { namespace: `t${randomUUID().slice(0, 8)}` };
  const engine = createEngine({ redis, workerRedis, log, settings });
  const id = newRunId(Date.now());

  async function perform<T>(write: () => Promise<T>): Promise<T> {
    if (!lossy) return write();
    const before = (await engine.readRun(id))?.last_event;
    way.loseReplies();
    const written = write();
    try {
      await expect.poll(async () => (await engine.readRun(id))?.last_event).not.toBe(before);
    } finally {
      way.cut();
      await way.mend();
    }
    return written;
  }

  const planned = Promise.withResolvers<void>();
  const consumer = engine.consumePhases(
    {
      async plan(phase) {
        const started = await perform(() => phase.started({ planner: 'test' }));
        await perform(() => started.modelCalled(CALL));
        await perform(() => started.addSteps([step('a'), step('b')]));
        await perform(() => started.answerDelta('so far'));
        planned.resolve();
      },
    },
    { concurrency: 1, worker: 'test' },
  );
  onTestFinished(async () => {
    await consumer.close(0);
    await engine.close();
    way.cut();
    redis.disconnect();
    workerRedis.disconnect();
  });

  await engine.submitRun({
    id,
    incarnation: 1,
    partition: 0,
    caller: { tenant: 'default', user: 'tester', key_id: 'k1' },
    request_id: 'req-1',
    request: RunRequest.parse({ question: 'q', options: {} }),
    status: 'accepted',
    created_at: new Date().toISOString(),
  });
  await planned.promise;
  const run = await engine.readRun(id);
  return {
    run: [run?.attempt, run?.cost_usd, run?.tokens, run?.steps_used],
    steps: (await engine.readSteps(id)).map((each) => [each.id, each.status]),
    events: (await engine.readEvents(id, 0)).map(({ number, type }) => [number, type]),
  };
}

test('a planner that hears nothing of its writes and sends them again has written each once', async () => {
  const heard = await plan(false);
  expect(heard.run).toEqual([1, 0.02, 15, 2]);
  expect(await plan(true)).toEqual(heard);
});
