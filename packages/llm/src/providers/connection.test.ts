import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openConnection } from './connection.ts';

test.each(['post', 'postWhole'] as const)(
  '%s: who leaves while the connection is being made does not wait for it',
  async (how) => {
    // It takes the connection and never says a word of TLS.
    const mute = createServer((socket) => socket.on('error', () => {}));
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const connection = openConnection('mute', { connect_timeout_ms: 600_000 });
    onTestFinished(() => {
      connection.close();
      mute.close();
    });
    const caller = new AbortController();
    const url = new URL(`https://127.0.0.1:${(mute.address() as AddressInfo).port}/`);
    const asked = connection[how](url, { headers: {}, body: Buffer.from('{}'), signal: caller.signal });
    const failed = expect(asked).rejects.toThrow('gone');
    await once(mute, 'connection');
    caller.abort(new Error('gone'));
    await failed;
  },
);
