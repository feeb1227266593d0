import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../listen.ts';

/** Sends requests in one packet; how many the gateway took up, and what it said until it ended the connection. */
async function send(requests: number): Promise<{ taken: number; told: string }> {
  let taken = 0;
  const server = await listen(
    (_req, res) => {
      taken += 1;
      setImmediate(() => res.end('here'));
    },
    { host: '127.0.0.1', port: 0, stalledMs: 60_000 },
  );
  onTestFinished(() => server.close(0));
  const socket = connect(server.port, '127.0.0.1');
  let told = '';
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    told += chunk;
  });
  const request = (connection: string) => `GET / HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`;
  socket.write(request('keep-alive').repeat(requests - 1) + request('close'));
  await ended;
  return { taken, told };
}

test('some requests may be sent before the first is answered', async () => {
  const { taken, told } = await send(10);
  expect(taken).toBe(10);
  expect(told.match(/here/g)).toHaveLength(10);
});

test('a packet full of them ends its connection', async () => {
  expect((await send(1_000)).taken).toBe(16);
});
