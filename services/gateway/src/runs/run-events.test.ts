import type { RunEvent } from '@planyard/contracts';
import type { Consumer } from '@planyard/engine';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, openGateway, type TestGateway } from '../testing/open-gateway.ts';
import { playServices } from '../testing/play-services.ts';
import { readSse } from '../testing/read-sse.ts';
import { runEvents } from './run-events.ts';

describe('events of a run', () => {
  let gateway: TestGateway;
  let key: string;
  let services: Consumer | undefined;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'));
    key = await gateway.key(['runs:read', 'runs:write']);
  });
  afterEach(async () => {
    await services?.close(0);
    services = undefined;
  });
  afterAll(() => gateway.close());

  const events = (id: string, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/v1/runs/${id}/events`, { headers: { authorization: `Bearer ${key}`, ...headers } });
  const ask = async () => {
    services = playServices(gateway, {});
    const body = { question: 'what depends on orders-db?' };
    return (await call(gateway, 'POST', '/v1/runs', { key, body })).json.id as string;
  };
  const ended = async (id: string) => (await readSse(await events(id))).events;

  it('replays events from any number, live and archived', async () => {
    const id = await ask();
    const live = await ended(id);
    const resumed = await readSse(await events(id, { 'last-event-id': '2' }));
    expect(resumed.events.map((event) => event.number)).toEqual(live.slice(2).map((event) => event.number));
    await gateway.redis.del(...(await gateway.redis.keys(`${gateway.namespace}:*${id}*`)));
    const told = (list: RunEvent[]) => list.map(({ number, type, data }) => ({ number, type, data }));
    expect(told(await ended(id))).toEqual(told(live));
    const archived = await readSse(await events(id, { 'last-event-id': String(live.length - 1) }));
    expect(told(archived.events)).toEqual(told(live.slice(-1)));
    // Of a life that Redis has lost: one that came further, and one whose number is another event's now.
    for (const lost of [String(live.length + 7), `${live.length - 1}-1764424000123`]) {
      const whole = await readSse(await events(id, { 'last-event-id': lost }));
      expect(told(whole.events)).toEqual(told(live));
    }
  });

  it('tells nothing more to who has seen the end, live or archived', async () => {
    const id = await ask();
    const last = (await ended(id)).at(-1) as RunEvent;
    const resumed = async () =>
      readSse(await events(id, { 'last-event-id': `${last.number}-${Date.parse(last.at)}` }));
    expect((await resumed()).events).toEqual([]);
    await gateway.redis.del(...(await gateway.redis.keys(`${gateway.namespace}:*${id}*`)));
    expect((await resumed()).events).toEqual([]);
  });

  it('tells an answer that the archive keeps as one anew to who has seen a part of it, and to nobody else', async () => {
    const id = await ask();
    const live = await ended(id);
    const [part, rest] = live.filter(({ type }) => type === 'answer.delta') as [RunEvent, RunEvent];
    // As results folds them.
    const data = JSON.stringify({ attempt: 1, text: 'all good' });
    await gateway.db
      .deleteFrom('run_events')
      .where('run_id', '=', id)
      .where('number', '=', part.number)
      .execute();
    await gateway.db
      .updateTable('run_events')
      .set({ data })
      .where('run_id', '=', id)
      .where('number', '=', rest.number)
      .execute();
    await gateway.redis.del(...(await gateway.redis.keys(`${gateway.namespace}:*${id}*`)));
    const after = async (number: number) => {
      const resumed = await readSse(await events(id, { 'last-event-id': String(number) }));
      return resumed.events.map((event) => (event.type === 'answer.delta' ? event.data.text : event.type));
    };
    const end = ['answer.completed', 'run.completed'];
    expect(await after(part.number - 1)).toEqual(['all good', ...end]);
    expect(await after(part.number)).toEqual(['answer.started', 'all good', ...end]);
    expect(await after(rest.number)).toEqual(end);
  });

  it('reads the archive once for a client that begins', async () => {
    const id = await ask();
    const live = await ended(id);
    await gateway.redis.del(...(await gateway.redis.keys(`${gateway.namespace}:*${id}*`)));
    let reads = 0;
    const db = gateway.db.withPlugin({
      transformQuery({ node }) {
        if (JSON.stringify(node).includes('run_events')) reads += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const run = { tenant: 'default', id };
    const archived = await Array.fromAsync(
      runEvents({ db, engine: gateway.engine }, run, 0, AbortSignal.timeout(120_000)),
    );
    expect(archived.map(({ number }) => number)).toEqual(live.map(({ number }) => number));
    expect(reads).toBe(1);
  });
});
