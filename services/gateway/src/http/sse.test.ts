import { once } from 'node:events';
import { connect } from 'node:net';
import express from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { listen } from '../listen.ts';
import { type SseMessage, sendSse } from './sse.ts';

/** Streams the source to whoever connects; resolves `over` when the stream has ended. */
async function serve(source: () => AsyncIterable<SseMessage>, heartbeatMs?: number) {
  const app = express();
  let end: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  app.get('/', async (_req, res) => {
    const left = new AbortController();
    res.once('close', () => left.abort());
    await sendSse(res, source(), left.signal, heartbeatMs);
    end();
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0, stalledMs: 60_000 });
  onTestFinished(() => server.close(0));
  return { port: server.port, over };
}

it('sends comments while nothing happens', async () => {
  let go: () => void = () => {};
  const waiting = new Promise<void>((resolve) => {
    go = resolve;
  });
  const { port } = await serve(async function* () {
    yield { id: '1', event: 'a', data: { text: 'one\ntwo' } };
    await waiting;
  }, 5);
  const response = await fetch(`http://127.0.0.1:${port}/`);
  let text = '';
  for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += chunk;
    if (text.includes(': heartbeat')) go();
  }
  expect(text).toMatch(/^id: 1\nevent: a\ndata: {"text":"one\\ntwo"}\n\n(: heartbeat\n\n)+$/);
});

it('takes no more from the source than a slow reader can be sent, and stops when the reader leaves', async () => {
  let taken = 0;
  const { port, over } = await serve(async function* () {
    for (;;) {
      taken += 1;
      yield { id: String(taken), event: 'a', data: 'x'.repeat(64 * 1024) };
    }
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'readable');
  // Nobody reads on: what the kernel buffers is the limit, not memory.
  let before = -1;
  while (before !== taken) {
    before = taken;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(taken).toBeLessThan(1_000);
  socket.destroy();
  await over;
});
