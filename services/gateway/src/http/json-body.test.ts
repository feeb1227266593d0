import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { PlanyardError } from '@planyard/contracts';
import express, { type ErrorRequestHandler, type Response } from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { bodyRoom } from './body-room.ts';
import { jsonBody } from './json-body.ts';

it('what is sent compressed takes the room of what it becomes, and no more', async () => {
  const read = jsonBody({ schema: z.string(), required: true, limit: 1_000 }, 60_000);
  const begin = bodyRoom(2_000);
  const open: Response[] = [];
  const refused: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(error instanceof PlanyardError && error.code === 'rate_limited' ? 429 : 500).end();
  };
  const app = express().post('/', async (req, res) => {
    await read(req, res, begin(res, 'u'));
    open.push(res);
  });
  const server = app.use(refused).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const send = async (bytes: number) => {
    const { status } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: Uint8Array.from(gzipSync(JSON.stringify('x'.repeat(bytes - 2)))),
    });
    return status;
  };
  const replies: Promise<number>[] = [];
  for (const bytes of [500, 500, 900]) {
    replies.push(send(bytes));
    await expect.poll(() => open.length).toBe(replies.length);
  }
  expect(await send(900)).toBe(429);
  for (const res of open) res.end();
  expect(await Promise.all(replies)).toEqual([200, 200, 200]);
});
