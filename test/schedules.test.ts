import { randomUUID } from 'node:crypto';
import type { RunResponse, Schedule } from '@planyard/contracts';
import { configSchema as gatewayConfig, startGateway } from '@planyard/gateway';
import { type ModelServer, startModelServer, textReply } from '@planyard/llm/testing';
import { createLogger, createMetricsRegistry, parseEnv } from '@planyard/runtime';
import { type Client, createClient } from '@planyard/sdk';
import { createKey } from '@planyard/store';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { type House, openHouse } from './support/house.ts';

let server: ModelServer;
let house: House;
let client: Client;
let redis: Redis;
const namespace = `t${randomUUID().slice(0, 8)}`;
const env = {
  PLANYARD_NAMESPACE: namespace,
  PLANYARD_SCHEDULE_MIN_SECONDS: '1',
  PLANYARD_SCHEDULES_PER_USER: '2',
  SCHEDULES_RECONCILE_MS: '500',
};
const question = 'how is the yard?';

beforeAll(async () => {
  server = await startModelServer([
    { when: /./, replies: [textReply('{"intent":"x","steps":[],"answer":"It is fine."}')] },
  ]);
  house = await openHouse({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    toolsDirectory: new URL('./support/tools/', import.meta.url),
    env: {
      ...env,
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-story',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
    },
  });
  client = house.client;
  redis = new Redis(inject('redisUrl'));
});
afterEach(async () => {
  for (const { id } of (await client.schedules.list()).data) await client.schedules.delete(id);
});
afterAll(async () => {
  redis?.disconnect();
  await house?.close();
  await server?.close();
});

const everySecond = (more: object = {}) =>
  client.schedules.create({ cron: '* * * * * *', question, agent: 'general', ...more });

/** The schedule once it has started more runs than a time. */
async function firedAfter(id: string, time: string | null): Promise<Schedule> {
  let found = await client.schedules.get(id);
  await expect
    .poll(
      async () => {
        found = await client.schedules.get(id);
        return (found.last_fired_at ?? '') > (time ?? '') && found.last_run_id !== null;
      },
      { interval: 50 },
    )
    .toBe(true);
  return found;
}

async function runsOf(id: string): Promise<RunResponse[]> {
  const { data } = await client.runs.list({ limit: 200 });
  const runs = await Promise.all(data.map((run) => client.runs.get(run.id)));
  return runs.filter(({ schedule_id }) => schedule_id === id);
}

test('a schedule asks at its times, in its owner’s name and tagged, pauses, goes on, and is deleted', async () => {
  const schedule = await everySecond({ name: 'yard', tags: ['team:yard'] });
  expect(schedule).toMatchObject({
    name: 'yard',
    user: 'story',
    status: 'active',
    request: { question, agent: 'general' },
    last_run_id: null,
  });
  expect(schedule.next_runs).toHaveLength(5);
  const fired = await firedAfter(schedule.id, null);
  const run = await client.runs.wait(fired.last_run_id as string);
  expect(run).toMatchObject({
    question,
    status: 'completed',
    answer: 'It is fine.',
    schedule_id: schedule.id,
  });
  const stored = await house.db
    .selectFrom('runs')
    .select(['user_id', 'request'])
    .where('id', '=', run.id)
    .executeTakeFirstOrThrow();
  expect(stored.user_id).toBe('story');
  expect(stored.request.tags).toEqual(['team:yard', `schedule:${schedule.id}`]);
  expect((await client.schedules.list()).data.map(({ id }) => id)).toEqual([schedule.id]);

  const board = await house.request('GET', '/admin/queues/api/queues');
  expect((board.json.queues as { name: string }[]).map(({ name }) => name)).toContain('schedule');

  const paused = await client.schedules.pause(schedule.id);
  expect(paused).toMatchObject({ status: 'paused', paused_because: 'user', next_runs: [] });
  const dueInRedis = () => redis.zcard(`${namespace}:{schedules}:schedule:repeat`);
  expect(await dueInRedis()).toBe(0);
  const resumed = await client.schedules.resume(schedule.id);
  expect(resumed.next_runs).toHaveLength(5);
  await firedAfter(schedule.id, resumed.last_fired_at);

  await client.schedules.delete(schedule.id);
  expect(await dueInRedis()).toBe(0);
  await expect(client.schedules.get(schedule.id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await client.runs.get(run.id)).toMatchObject({ status: 'completed' });
});

test('two gateways start one run for each time', async () => {
  const log = createLogger({ service: 'gateway', level: 'silent' });
  const second = await startGateway({
    config: parseEnv(gatewayConfig, {
      ...env,
      REDIS_URL: inject('redisUrl'),
      DATABASE_URL: 'postgres://unused',
      PORT: '0',
      OLLAMA_BASE_URL: '',
    }),
    db: house.db,
    log,
    registry: createMetricsRegistry('gateway'),
    fetch: () => Promise.reject(new Error('nothing is looked for in tests')),
  });
  const { id } = await everySecond();
  let last = await firedAfter(id, null);
  for (let times = 0; times < 2; times += 1) last = await firedAfter(id, last.last_fired_at);
  await client.schedules.pause(id);
  await second.close();
  const asked = (await runsOf(id)).map(({ request_id }) => request_id);
  expect(asked.length).toBeGreaterThanOrEqual(3);
  expect(new Set(asked).size).toBe(asked.length);
});

test('after Redis has lost its data a schedule is restored, and a time that passed meanwhile is served once', async () => {
  const { id, cron } = await client.schedules.create({ cron: '0 0 1 1 *', question, agent: 'general' });
  // Its last time was due to it, and passed while nothing stood for it.
  await house.db
    .updateTable('schedules')
    .set({ active_since: new Date(Date.now() - 400 * 86_400_000) })
    .where('id', '=', id)
    .execute();
  expect(cron).toBe('0 0 1 1 *');
  const keys = await redis.keys(`${namespace}:*`);
  await redis.del(...keys);
  const fired = await firedAfter(id, null);
  expect(fired.last_fired_at).toBe(`${new Date().getUTCFullYear()}-01-01T00:00:00.000Z`);
  expect(fired.next_runs[0]).toBe(`${new Date().getUTCFullYear() + 1}-01-01T00:00:00.000Z`);
  await expect.poll(() => redis.zcard(`${namespace}:{schedules}:schedule:repeat`)).toBe(1);
  expect(await runsOf(id)).toHaveLength(1);
});

test('a schedule whose key is revoked pauses itself and says why; its owner goes on with another key', async () => {
  const made = await createKey(
    house.db,
    { name: 'x', user: 'ana', tenant: 'default', scopes: ['runs:read', 'runs:write'] },
    { now: new Date() },
  );
  const ana = createClient({ baseUrl: house.url, apiKey: made.key });
  const { id } = await ana.schedules.create({ cron: '* * * * * *', question, agent: 'general' });
  await client.keys.revoke(made.id);
  await expect.poll(async () => (await client.schedules.get(id)).paused_because).toBe('key_invalid');
  const other = await createKey(
    house.db,
    { name: 'y', user: 'ana', tenant: 'default', scopes: ['runs:read', 'runs:write'] },
    { now: new Date() },
  );
  const again = createClient({ baseUrl: house.url, apiKey: other.key });
  expect(await again.schedules.resume(id)).toMatchObject({ status: 'active', paused_because: null });
  await firedAfter(id, (await client.schedules.get(id)).last_fired_at);
  const stranger = await createKey(
    house.db,
    { name: 'z', user: 'bob', tenant: 'default', scopes: ['runs:read', 'runs:write'] },
    { now: new Date() },
  );
  const bob = createClient({ baseUrl: house.url, apiKey: stranger.key });
  await expect(bob.schedules.delete(id)).rejects.toMatchObject({ code: 'forbidden' });
});

test('what cannot be scheduled is refused with its place, and a user has a limited number', async () => {
  const refusal = (request: object) =>
    client.schedules.create({ cron: '0 8 * * *', question, ...request }).catch((error: unknown) => error);
  expect(await refusal({ cron: '61 * * * *' })).toMatchObject({ status: 400, errors: [{ path: 'cron' }] });
  expect(await refusal({ timezone: 'Nowhere' })).toMatchObject({ errors: [{ path: 'timezone' }] });
  expect(await refusal({ agent: 'poet' })).toMatchObject({ errors: [{ path: 'agent' }] });
  expect(await refusal({ question: undefined })).toMatchObject({ errors: [{ path: 'question' }] });
  const composition = { name: 'search_with_context', parameters: {} };
  expect(await refusal({ question: undefined, composition })).toMatchObject({
    errors: [{ path: 'composition.parameters.query' }],
  });
  const made = await client.schedules.create({
    cron: '0 8 * * *',
    timezone: 'Europe/Berlin',
    composition: { name: 'search_with_context', parameters: { query: 'web' } },
  });
  expect(made.request).toEqual({
    composition: { name: 'search_with_context', parameters: { query: 'web' } },
  });
  await client.schedules.create({ cron: '0 8 * * *', question });
  expect(await refusal({})).toMatchObject({ code: 'too_many_schedules', status: 409 });
  // Before anything is made of its times.
  expect(await refusal({ cron: '61 * * * *' })).toMatchObject({ code: 'too_many_schedules' });
});
