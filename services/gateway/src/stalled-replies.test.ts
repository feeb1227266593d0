import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { call, openGateway, type TestGateway } from './testing/open-gateway.ts';
import { playServices } from './testing/play-services.ts';

const PATIENCE_MS = 1_000;

describe('replies that are not taken', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'), { PLANYARD_BODY_TIMEOUT_MS: String(PATIENCE_MS) });
  });
  afterAll(() => gateway.close());

  /** Asks for far more than the buffers of a connection hold. */
  function ask(id: string): Socket {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.pause();
    socket.on('error', () => {});
    socket.write(`GET /openapi.json HTTP/1.1\r\nHost: x\r\nX-Request-ID: ${id}\r\n\r\n`.repeat(100));
    return socket;
  }
  const endsOf = (id: string) =>
    gateway.lines
      .map((line) => JSON.parse(line))
      .filter(({ request_id, message }) => request_id === id && message === 'request')
      .map(({ completed }) => completed);

  it('hold their connection no longer', async () => {
    const socket = ask('never-reads');
    await vi.waitUntil(() => endsOf('never-reads').includes(false), { timeout: 20_000 });
    socket.destroy();
  });

  it('are taken however slowly', async () => {
    const socket = ask('reads-slowly');
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      // Some at a time, for many times as long as nothing may be taken.
      socket.pause();
      void wait(10).then(() => socket.resume());
    });
    socket.resume();
    await vi.waitUntil(() => endsOf('reads-slowly').length === 100, { timeout: 60_000 });
    expect(endsOf('reads-slowly')).not.toContain(false);
    expect(bytes).toBeGreaterThan(1_000_000);
    socket.destroy();
  });

  it('may be waited for, and events may be few', async () => {
    const key = await gateway.key(['runs:read', 'runs:write']);
    const { id } = (await call(gateway, 'POST', '/v1/runs', { key, body: { question: 'slow' } })).json;
    const headers = { authorization: `Bearer ${key}` };
    const events = await fetch(`${gateway.url}/v1/runs/${id}/events`, { headers });
    const waited = call(gateway, 'POST', '/v1/runs', {
      key,
      body: { question: 'also slow' },
      headers: { prefer: 'wait=30' },
    });
    // Nothing can be awaited where nothing happens.
    await wait(2 * PATIENCE_MS);
    const services = playServices(gateway, { answer: ['done'] });
    expect(await events.text()).toContain('run.completed');
    expect((await waited).json).toMatchObject({ status: 'completed' });
    await services.close(0);
  });
});
