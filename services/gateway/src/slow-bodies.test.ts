import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openGateway, type TestGateway } from './testing/open-gateway.ts';

const PATIENCE_MS = 400;

describe('bodies that come slowly', () => {
  let gateway: TestGateway;
  let key: string;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'), { PLANYARD_BODY_TIMEOUT_MS: String(PATIENCE_MS) });
    key = await gateway.key(['admin']);
  });
  afterAll(() => gateway.close());

  /** Sends the head, then the pieces with a pause before each, and reads until the gateway ends the connection. */
  async function trickle(
    path: string,
    {
      type = 'application/json',
      secret = key,
      length = 100_000,
      pauseMs = 50,
      pieces = [] as Iterable<string>,
      connection = 'keep-alive',
    },
  ): Promise<string> {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    const ended = new Promise<string>((resolve) => {
      let reply = '';
      socket.on('data', (chunk) => {
        reply += chunk;
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(reply));
    });
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${secret}`,
      `Content-Type: ${type}`,
      `Content-Length: ${length}`,
      `Connection: ${connection}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    for (const piece of pieces) {
      await wait(pauseMs);
      if (socket.destroyed) break;
      socket.write(piece);
    }
    return await ended;
  }
  function* drops() {
    for (;;) yield ' ';
  }

  it('are not waited for: 408 in the shape of the route, and the connection ends', async () => {
    const run = await trickle('/v1/runs', { pieces: drops() });
    expect(run).toMatch(/^HTTP\/1\.1 408 [\s\S]*application\/problem\+json[\s\S]*"code":"request_timeout"/);
    for (const path of ['/v1/chat/completions', '/v1/responses', '/v1/embeddings']) {
      const reply = await trickle(path, { pieces: drops() });
      expect(reply, path).toMatch(/^HTTP\/1\.1 408 /);
      expect(reply.split('\r\n\r\n')[1], path).toMatch(/^\{"error":\{.*"code":"request_timeout"/);
    }
  });

  it('hold no connection once the request is answered', async () => {
    for (const path of ['/v1/runs', '/v1/chat/completions', '/healthz', '/nothing', '/v1/audio/speech']) {
      const pieces = drops();
      expect(await trickle(path, { pieces, secret: 'py_none' }), path).toMatch(/^HTTP\/1\.1 40[145] /);
    }
  });

  it('may be an upload, as long as bytes come', async () => {
    const type = 'multipart/form-data; boundary=b';
    const file = 'code,type\r\nslow-1,host\r\n';
    const body = `--b\r\nContent-Disposition: form-data; name="files"; filename="items.csv"\r\n\r\n${file}\r\n--b--\r\n`;
    const pieces = body.match(/.{1,12}/gs) ?? [];
    const upload = { type, length: body.length, pauseMs: 100, pieces, connection: 'close' };
    expect(pieces.length * upload.pauseMs).toBeGreaterThan(2 * PATIENCE_MS);
    // Again where a busy machine sent nothing for longer than is waited.
    const whole = expect.poll(() => trickle('/v1/imports', upload)).toMatch(/^HTTP\/1\.1 200 /);
    const cut = await trickle('/v1/imports', { ...upload, pieces: pieces.slice(0, 3) });
    expect(cut).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
    await whole;
  });
});
