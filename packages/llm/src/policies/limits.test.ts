import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import type { Limit } from '../config/limit.ts';
import { Route } from '../config/route.ts';
import { type ModelServer, startModelServer, streamReply, textReply } from '../testing/index.ts';
import { openModels } from '../testing/open-models.ts';
import { startProcesses } from '../testing/start-processes.ts';
import type { LimitStanding } from './limits.ts';

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

const namespaced = () => `t${randomUUID().slice(0, 8)}`;
const CALLER = { tenant: 'default', user: 'ann', key_id: 'k1' };
const answer = (reply: ReturnType<typeof textReply>) => server.script([{ when: /./, replies: [reply] }]);

function open(limits: Limit[], more: Parameters<typeof openModels>[1] = {}) {
  const opened = openModels(
    { one: server, two: server },
    { limits, ...more },
    { redis: { redis, namespace: namespaced() } },
  );
  onTestFinished(() => opened.models.close());
  return opened;
}

test('requests a minute hold over three processes', async () => {
  answer(textReply('ok'));
  const processes = await startProcesses(3, {
    redisUrl: inject('redisUrl'),
    namespace: namespaced(),
    servers: { one: server },
    settings: { limits: [{ per: 'key', requests_per_minute: 30 }] },
  });
  const order = { model: 'one/a', calls: 20, context: { caller: CALLER } };
  const reports = await Promise.all(processes.map((each) => each.ask(order)));
  expect(reports.reduce((sum, { answers }) => sum + answers, 0)).toBe(30);
  expect(reports.reduce((sum, { failures }) => sum + (failures.limited ?? 0), 0)).toBe(30);
  expect(server.requests).toHaveLength(30);
});

test('calls at once hold over three processes', async () => {
  const go = Promise.withResolvers<void>();
  answer(streamReply([{ until: go.promise }, ...textReply('ok').pieces]));
  const processes = await startProcesses(3, {
    redisUrl: inject('redisUrl'),
    namespace: namespaced(),
    servers: { one: server },
    settings: { limits: [{ per: 'model', concurrency: 5 }] },
  });
  const reports = processes.map((each) => each.ask({ model: 'one/a', calls: 10 }));
  await expect.poll(() => server.requests.length).toBe(5);
  // Asked last in its process, it is refused after all others are let through or refused: only then may the five end.
  const late = await Promise.all(processes.map((each) => each.ask({ model: 'one/a', calls: 1 })));
  expect(late.map(({ failures }) => failures.limited)).toEqual([1, 1, 1]);
  go.resolve();
  const all = await Promise.all(reports);
  expect(all.reduce((sum, { answers }) => sum + answers, 0)).toBe(5);
  expect(all.reduce((sum, { failures }) => sum + (failures.limited ?? 0), 0)).toBe(25);
});

test('tokens are reserved before and settled after', async () => {
  answer(textReply('ok', { usage: { prompt_tokens: 5, completion_tokens: 15 } }));
  const { text } = open([{ per: 'user', tokens_per_minute: 1_000 }]);
  const ask = (max_tokens: number) =>
    text('one/a', {
      caller: CALLER,
      request: { messages: [{ role: 'user', content: 'hello' }], max_tokens },
    });
  expect(await ask(900)).toBe('ok');
  // Of the 905 that were reserved, 20 were used.
  expect(await ask(900)).toBe('ok');
  const [one, other] = await Promise.allSettled([ask(900), ask(900)]);
  expect([one.status, other.status].toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await text('one/a', { caller: { ...CALLER, user: 'ben' } })).toBe('ok');
});

test('a provider at its limit is passed over for the next of the route', async () => {
  answer(textReply('ok'));
  const { text, calls } = open([{ per: 'provider', only: ['one'], requests_per_minute: 1 }], {
    routes: { smart: Route.parse(['one/a', 'two/b']) },
  });
  await text('smart');
  await text('smart');
  expect(calls.map(({ provider }) => provider)).toEqual(['one', 'two']);
  await expect(text('one/a')).rejects.toMatchObject({ code: 'rate_limited', status: 429 });
});

test('a key of its own limit is not subject to that for all; standings are told', async () => {
  answer(textReply('ok'));
  const standings: LimitStanding[] = [];
  const { text } = open([
    { per: 'key', requests_per_minute: 1 },
    { per: 'key', only: ['k1'], requests_per_minute: 3 },
  ]);
  const onLimits = (told: LimitStanding[]) => void standings.push(...told);
  await text('one/a', { caller: CALLER, onLimits });
  await text('one/a', { caller: CALLER, onLimits });
  expect(standings).toMatchObject([
    { per: 'key', what: 'requests a minute', limit: 3, room: 2 },
    { per: 'key', what: 'requests a minute', limit: 3, room: 1 },
  ]);
  await text('one/a', { caller: { ...CALLER, key_id: 'k2' } });
  await expect(text('one/a', { caller: { ...CALLER, key_id: 'k2' } })).rejects.toMatchObject({
    kind: 'limited',
    retryAfter: expect.any(Number),
  });
});

test('a patient call waits until a slot is free', async () => {
  const go = Promise.withResolvers<void>();
  answer(streamReply([{ until: go.promise }, ...textReply('ok').pieces]));
  const { text } = open([{ per: 'tenant', concurrency: 1 }]);
  const first = text('one/a', { caller: CALLER });
  await expect.poll(() => server.requests.length).toBe(1);
  const second = text('one/a', { caller: CALLER, patience_ms: 30_000 });
  await expect(text('one/a', { caller: CALLER })).rejects.toMatchObject({ kind: 'limited' });
  go.resolve();
  expect(await Promise.all([first, second])).toEqual(['ok', 'ok']);
});
