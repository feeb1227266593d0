import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import type { BreakerSettings } from '../../config/breaker.ts';
import { DEFAULT_TIMEOUTS } from '../../config/timeouts.ts';
import { ModelError } from '../../model-error.ts';
import {
  errorReply,
  type ModelServer,
  piecesReply,
  startModelServer,
  streamReply,
  textReply,
} from '../../testing/index.ts';
import { openModels } from '../../testing/open-models.ts';
import { startProcesses } from '../../testing/start-processes.ts';
import { createBreakers } from './breakers.ts';

const BREAKER: BreakerSettings = { error_percent: 50, min_calls: 3, window_ms: 60_000, reset_ms: 60_000 };
/** Too short for a busy machine: where nothing answers. */
const HASTY = { ...DEFAULT_TIMEOUTS, first_token_ms: 100 };

let server: ModelServer;
let redis: Redis;
beforeAll(async () => {
  server = await startModelServer();
  redis = new Redis(inject('redisUrl'));
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});
beforeEach(() => {
  server.requests.length = 0;
});

const answer = (...replies: ReturnType<typeof textReply>[]) => server.script([{ when: /./, replies }]);
const namespaced = () => `t${randomUUID().slice(0, 8)}`;

function open(breaker: Partial<BreakerSettings>, timeouts = DEFAULT_TIMEOUTS) {
  const opened = openModels(
    { one: server },
    { breaker: { ...BREAKER, ...breaker }, timeouts },
    { redis: { redis, namespace: namespaced() } },
  );
  onTestFinished(() => opened.models.close());
  const kindOf = () =>
    opened.text('one/a').then(
      () => 'ok',
      (error) => error.kind as string,
    );
  return { ...opened, kindOf, state: () => opened.models.breakerStates()['one/a'] };
}

test('callers who leave or have no more time open nothing, and count as no success', async () => {
  const { kindOf, state, text } = open({ min_calls: 4 });
  answer(streamReply(['stall']));
  const hasty = () => text('one/a', { deadline_at: Date.now() + 30 }).catch(({ kind }) => kind);
  const leave = () => text('one/a', { signal: AbortSignal.timeout(30) }).catch(({ kind }) => kind);
  const kinds = await Promise.all([...Array.from({ length: 6 }, hasty), ...Array.from({ length: 6 }, leave)]);
  expect(new Set(kinds)).toEqual(new Set(['deadline', 'cancelled']));
  expect(state()).toBe('closed');
  // Twelve successes beside these four failures would keep it closed.
  answer(errorReply(500, 'oops'));
  for (let call = 0; call < 4; call += 1) await kindOf();
  expect(state()).toBe('open');
});

test('of models that callers invent the oldest are forgotten, open ones last', async () => {
  const forgotten: string[] = [];
  const breakers = createBreakers({
    settings: () => ({ ...BREAKER, min_calls: 1 }),
    share: null,
    onState: () => undefined,
    onForgotten: (key) => forgotten.push(key),
    most: 3,
  });
  onTestFinished(() => breakers.close());
  const ask = async (key: string, error?: ModelError) => {
    async function* open(): AsyncIterable<string> {
      if (error) throw error;
      yield 'ok';
    }
    await Array.fromAsync(breakers.guard(key, open)).catch(() => undefined);
  };
  await ask('open', new ModelError('server', 'oops'));
  for (const key of ['a', 'b', 'c', 'd']) await ask(key);
  expect(forgotten).toEqual(['a', 'b']);
  expect(Object.keys(breakers.states())).toEqual(['open', 'c', 'd']);
});

test.each([
  ['errors', errorReply(500, 'oops'), 'server', DEFAULT_TIMEOUTS],
  ['timeouts', streamReply(['stall']), 'timeout', HASTY],
])('%s open it; from then on nothing is asked', async (_name, reply, kind, timeouts) => {
  const { kindOf, state, registry } = open({}, timeouts);
  answer(reply);
  expect([await kindOf(), await kindOf(), await kindOf(), await kindOf()]).toEqual([
    kind,
    kind,
    kind,
    'breaker_open',
  ]);
  expect(server.requests).toHaveLength(3);
  expect(state()).toBe('open');
  expect(await registry.metrics()).toContain('llm_breaker_state{provider="one",model="a"} 2');
});

test('a change of its settings holds from the next call on', async () => {
  let breaker: BreakerSettings = { ...BREAKER, min_calls: 100 };
  const breakers = createBreakers({
    settings: () => breaker,
    share: null,
    onState: () => undefined,
  });
  const fail = async () => {
    const failing = breakers.guard('one/a', async function* () {
      yield* [];
      throw new ModelError('server', 'oops');
    });
    await expect(Array.fromAsync(failing)).rejects.toMatchObject({ kind: 'server' });
  };
  await fail();
  await fail();
  expect(breakers.state('one/a')).toBe('closed');
  breaker = { ...BREAKER, min_calls: 1 };
  await fail();
  expect(breakers.state('one/a')).toBe('open');
  breakers.close();
});

test('callers’ mistakes and callers who leave do not open it', async () => {
  const { chat, kindOf, state } = open({});
  answer(errorReply(400, 'your fault'));
  for (let call = 0; call < 4; call += 1) expect(await kindOf()).toBe('bad_request');
  answer(piecesReply(['one ', 'stall']));
  for (let call = 0; call < 4; call += 1) {
    const leaving = new AbortController();
    for await (const event of chat('one/a', { signal: leaving.signal })) if (event.type === 'text') break;
  }
  expect(state()).toBe('closed');
});

test('after its rest one probe goes through; a caller who leaves the probe leaves it to the next', async () => {
  const { chat, kindOf, state } = open({ min_calls: 1, reset_ms: 50 });
  answer(errorReply(500, 'oops'));
  await kindOf();
  answer(piecesReply(['one ', 'stall']));
  const leave = async () => {
    for await (const event of chat('one/a')) if (event.type === 'text') return 'left';
    return 'ended';
  };
  // Its rest is over in Redis a moment later than here, where it began.
  await expect.poll(() => leave().catch(({ kind }) => kind), { interval: 5 }).toBe('left');
  expect(state()).toBe('half_open');
  answer(textReply('well again'));
  await expect.poll(kindOf).toBe('ok');
  expect(state()).toBe('closed');
});

async function threeProcesses(reset_ms: number) {
  const namespace = namespaced();
  const processes = await startProcesses(3, {
    redisUrl: inject('redisUrl'),
    namespace,
    servers: { one: server },
    settings: { breaker: { ...BREAKER, reset_ms } },
  });
  const order = { model: 'one/a', calls: 1 };
  answer(errorReply(500, 'oops'));
  return {
    processes,
    order,
    fail: () => processes[0]?.ask({ ...order, calls: 3 }),
    states: () =>
      Promise.all(
        processes.map(async (each) => (await each.ask({ ...order, calls: 0 })).states['one/a'] ?? 'closed'),
      ),
    /** When the rest of the last opening ends by Redis's books. */
    restsUntil: async () => Number((await redis.hget(`${namespace}:{llm}:openings`, 'one/a'))?.split(' ')[1]),
  };
}

test('an opening holds in three processes', async () => {
  const { processes, order, fail, states } = await threeProcesses(60_000);
  await fail();
  await expect.poll(states).toEqual(['open', 'open', 'open']);
  server.requests.length = 0;
  for (const other of processes.slice(1))
    expect((await other.ask(order)).failures).toEqual({ breaker_open: 1 });
  expect(server.requests).toHaveLength(0);
});

test('of three processes one probes and closes it for all', async () => {
  const { processes, order, fail, states, restsUntil } = await threeProcesses(500);
  // Again where its rest was over before all had heard of it.
  const knownToAll = async () => {
    await fail();
    return await states();
  };
  await expect.poll(knownToAll).not.toContain('closed');
  await expect.poll(states).toEqual(['half_open', 'half_open', 'half_open']);
  await expect.poll(async () => (await restsUntil()) < Date.now()).toBe(true);

  // Every process would probe now; the probe hangs until all of them have tried.
  server.requests.length = 0;
  const probing = Promise.withResolvers<void>();
  answer(streamReply([{ until: probing.promise }, ...textReply('well again').pieces]));
  let settled = 0;
  const reports = processes.map((each) => each.ask({ ...order, calls: 5 }).finally(() => (settled += 1)));
  await expect.poll(() => server.requests.length).toBe(1);
  await expect.poll(() => settled).toBe(2);
  probing.resolve();
  const all = await Promise.all(reports);
  expect(all.reduce((sum, report) => sum + report.answers, 0)).toBe(1);
  expect(all.reduce((sum, report) => sum + (report.failures.breaker_open ?? 0), 0)).toBe(14);
  await expect.poll(states).toEqual(['closed', 'closed', 'closed']);
});
