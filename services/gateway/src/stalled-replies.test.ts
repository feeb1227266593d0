import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { completionReply } from './testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from './testing/model-door.ts';
import { call } from './testing/open-gateway.ts';
import { playServices } from './testing/play-services.ts';

const PATIENCE_MS = 1_000;
/** Far more than the buffers of a connection hold. */
const LONG = 'x'.repeat(24 * 1024 * 1024);

describe('replies that are not taken', () => {
  let door: ModelDoor;
  beforeAll(async () => {
    door = await openModelDoor(inject('redisUrl'), { PLANYARD_BODY_TIMEOUT_MS: String(PATIENCE_MS) });
    door.play(completionReply({ content: LONG }));
  });
  afterAll(() => door.close());

  function ask(id: string): Socket {
    const body = JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'hi' }] });
    const head = [
      'POST /v1/chat/completions HTTP/1.1',
      'Host: x',
      `Authorization: Bearer ${door.apiKey}`,
      `X-Request-ID: ${id}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ];
    const socket = connect(Number(new URL(door.gateway.url).port), '127.0.0.1');
    socket.pause();
    socket.on('error', () => {});
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    return socket;
  }
  /** Whether that request's reply was taken whole, once it is over. */
  const end = (id: string) =>
    vi.waitUntil(
      () =>
        door.gateway.lines
          .map((line) => JSON.parse(line))
          .find(({ request_id, message }) => request_id === id && message === 'request'),
      { timeout: 60_000 },
    );

  it('hold their connection no longer', async () => {
    const socket = ask('never-reads');
    expect(await end('never-reads')).toMatchObject({ status: 200, completed: false });
    socket.destroy();
  });

  it('are taken however slowly', async () => {
    let tries = 0;
    const readSlowly = async () => {
      tries += 1;
      const socket = ask(`reads-slowly-${tries}`);
      let bytes = 0;
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        // Some at a time, for longer than nothing may be taken.
        socket.pause();
        void wait(10).then(() => socket.resume());
      });
      socket.resume();
      const { completed } = await end(`reads-slowly-${tries}`);
      if (completed) await vi.waitUntil(() => bytes > LONG.length, { timeout: 60_000 });
      socket.destroy();
      return completed;
    };
    // Again where a busy machine took nothing for longer than is waited.
    await expect.poll(readSlowly).toBe(true);
  });

  it('may be waited for, and events may be few', async () => {
    const { gateway } = door;
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
