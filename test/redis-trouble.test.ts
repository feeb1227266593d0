import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '@planyard/contracts';
import { type ModelServer, startModelServer, textReply } from '@planyard/llm/testing';
import { findRedisServer, freePort, type RedisServer, startRedisServer } from '@planyard/runtime';
import { Redis } from 'ioredis';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { testEnv } from './support/env.ts';
import { mountSmallDisk } from './support/full-disk.ts';
import { type House, openHouse } from './support/house.ts';

// A run that Redis has lost is rebuilt after some 15 seconds.
vi.setConfig({ testTimeout: 90_000 });

const POLL = { interval: 100 };

let dir: string;
let server: ModelServer;
let house: House;
let redis: RedisServer;
let startRedis: () => Promise<RedisServer>;
let onClose: (() => void) | undefined;

async function open(redisDir: string) {
  const source = await findRedisServer({ cacheDir: testEnv().cacheDir, progress: () => {} });
  const port = await freePort();
  startRedis = () => startRedisServer({ source, dir: redisDir, password: 'story', port });
  redis = await startRedis();
  house = await openHouse({
    redisUrl: redis.url,
    postgresUrl: inject('postgresUrl'),
    toolsDirectory: new URL('./support/tools/', import.meta.url),
    env: {
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-story',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
      PLANYARD_NAMESPACE: 'py',
    },
  });
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'planyard-trouble-'));
  server = await startModelServer([
    { when: 'You answer a question', replies: [textReply('It waited [1.after].')] },
    {
      when: /./,
      replies: [
        textReply(
          JSON.stringify({
            intent: 'wait',
            steps: [
              { id: 'wait', tool: 'yard.wait', args: { ms: 1_500 } },
              { id: 'after', tool: 'yard.text', args: { bytes: 5, forget: { $from: 'wait' } } },
            ],
          }),
        ),
      ],
    },
  ]);
});
afterEach(async () => {
  await house?.close();
  await server?.close();
  await redis?.close();
  onClose?.();
  onClose = undefined;
  await rm(dir, { recursive: true, force: true });
});

const ask = (key = randomUUID()) =>
  fetch(`${house.url}/v1/runs`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${house.key}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ question: 'does it wait?' }),
  }).then(async (reply) => ({
    status: reply.status,
    json: (await reply.json()) as { id: string; code?: string },
  }));

/** Resolves when the run's first step executes. */
async function whileItRuns(id: string): Promise<void> {
  for await (const event of house.client.runs.events(id)) if (event.type === 'step.started') return;
}
async function endOf(id: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of house.client.runs.events(id, { signal: AbortSignal.timeout(120_000) }))
    events.push(event);
  return events;
}
const whenAccepted = async () => {
  const key = randomUUID();
  let id = '';
  await expect
    .poll(async () => {
      const { status, json } = await ask(key);
      id = json.id;
      return status;
    }, POLL)
    .toBe(202);
  return id;
};

/** What every request and the readiness say while Redis takes no writes. */
async function sayItIsFull() {
  expect(await house.request('GET', '/v1/runs')).toMatchObject({
    status: 503,
    json: { code: 'storage_full' },
  });
  expect(await house.request('GET', '/readyz')).toMatchObject({
    status: 503,
    json: { checks: expect.arrayContaining([{ name: 'redis', ok: false }]) },
  });
}

describe('when Redis dies', () => {
  beforeEach(() => open(join(dir, 'redis')));

  test('the door says so, and an acknowledged run goes on when it is back', async () => {
    const { json } = await ask();
    await whileItRuns(json.id);
    await redis.kill();
    expect(await ask()).toMatchObject({ status: 503, json: { code: 'unavailable' } });
    expect(await house.request('GET', `/v1/runs/${json.id}`)).toMatchObject({
      status: 503,
      json: { code: 'unavailable', detail: expect.stringContaining('counted') },
    });
    expect(await house.request('GET', '/readyz')).toMatchObject({
      status: 503,
      json: {
        checks: expect.arrayContaining([
          { name: 'redis', ok: false },
          { name: 'postgres', ok: true },
        ]),
      },
    });
    redis = await startRedis();
    const again = await whenAccepted();
    for (const id of [json.id, again]) {
      const events = await endOf(id);
      expect(events.at(-1)?.type).toBe('run.completed');
      expect(events.filter(({ type }) => type === 'step.completed')).toHaveLength(2);
    }
    // Not at every try of every connection.
    const refused = house
      .log()
      .split('\n')
      .filter((line) => line.includes('"code":"ECONNREFUSED"'))
      .map((line) => JSON.parse(line));
    expect(refused).not.toEqual([]);
    expect(refused.filter(({ message }) => message !== 'Redis cannot be reached')).toEqual([]);
  });

  test('a run that Redis has lost is told anew and ends', async () => {
    const { json } = await ask();
    await whileItRuns(json.id);
    await redis.kill();
    await rm(join(dir, 'redis'), { recursive: true });
    redis = await startRedis();
    await expect
      .poll(async () => (await house.request('GET', `/v1/runs/${json.id}`)).json.status, POLL)
      .toBe('completed');
    expect(await sql`select incarnation from runs where id = ${json.id}`.execute(house.db)).toMatchObject({
      rows: [{ incarnation: 2 }],
    });
    expect(house.log()).toContain('a lost run is rebuilt');
    const events = await endOf(json.id);
    expect(events[0]?.type).toBe('run.accepted');
    expect(events.filter(({ type }) => type === 'step.completed')).toHaveLength(2);
  });

  test.skipIf(!inject('postgresUrl'))(
    'a run is acknowledged from its commit on, whatever Redis does next',
    async () => {
      const reply = await house.db.transaction().execute(async (held) => {
        await sql`lock table runs in access exclusive mode`.execute(held);
        const asked = ask();
        await expect
          .poll(async () => {
            const waiting = await sql<{ n: number }>`
            select count(*)::int as n from pg_locks where not granted`.execute(held);
            return waiting.rows[0]?.n;
          }, POLL)
          .toBeGreaterThan(0);
        await redis.kill();
        return { asked };
      });
      const { status, json } = await reply.asked;
      expect(status).toBe(202);
      redis = await startRedis();
      await expect
        .poll(async () => (await house.request('GET', `/v1/runs/${json.id}`)).json.status, POLL)
        .toBe('completed');
    },
  );
});

test('a Redis at maxmemory takes nothing new, loses nothing acknowledged, and goes on with more memory', async () => {
  await open(join(dir, 'redis'));
  const admin = new Redis(redis.url);
  const { json } = await ask();
  await whileItRuns(json.id);
  await admin.config('SET', 'maxmemory', '1mb');
  expect(await ask()).toMatchObject({
    status: 503,
    json: { code: 'storage_full', advice: 'Give Redis more memory or disk.' },
  });
  await sayItIsFull();
  // Whoever looks after the lease that runs out meanwhile cannot write, and must not lose it by half a write.
  await expect
    .poll(async () => {
      const [, expires] = await admin.zrange('py:{p0}:leases', '0', '0', 'WITHSCORES');
      return Number(expires) < Date.now() - 2_500;
    }, POLL)
    .toBe(true);
  await admin.config('SET', 'maxmemory', '0');
  admin.disconnect();
  const again = await whenAccepted();
  for (const id of [json.id, again]) expect((await endOf(id)).at(-1)?.type).toBe('run.completed');
});

test('caches keep nothing more above 70% of maxmemory', async () => {
  await open(join(dir, 'redis'));
  server.script([
    { when: 'You answer a question', replies: [textReply('Done [1.a].')] },
    {
      when: /./,
      replies: [textReply('{"intent":"a","steps":[{"id":"a","tool":"yard.nest","args":{"levels":3}}]}')],
    },
  ]);
  const admin = new Redis(redis.url);
  const cached = async () => {
    const { id } = await house.client.runs.create({ question: 'nest?' });
    return (await house.client.runs.wait(id)).steps.map((step) => step.cached);
  };
  await admin.setrange('ballast', 40_000_000, 'x');
  const used = Number(/^used_memory:(\d+)/m.exec(await admin.info('memory'))?.[1]);
  await admin.config('SET', 'maxmemory', String(Math.round(used / 0.75)));
  expect(await cached()).toEqual([false]);
  expect(await cached()).toEqual([false]);
  await admin.config('SET', 'maxmemory', '0');
  admin.disconnect();
  // Looked at once a second.
  await expect.poll(cached, POLL).toEqual([true]);
});

describe('when the disk under Redis is full', () => {
  test('nothing new is taken, and it goes on when there is room', async ({ skip }) => {
    const disk = mountSmallDisk(join(dir, 'disk'), 8);
    if (!disk) return skip('a small disk cannot be mounted here: that needs root');
    onClose = disk.unmount;
    await open(join(disk.dir, 'redis'));
    const { json } = await ask();
    await whileItRuns(json.id);
    disk.fill();
    await expect.poll(async () => (await ask()).json.code, POLL).toBe('storage_full');
    await sayItIsFull();
    disk.free();
    const again = await whenAccepted();
    for (const id of [json.id, again]) expect((await endOf(id)).at(-1)?.type).toBe('run.completed');
  });
});
