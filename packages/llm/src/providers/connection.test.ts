import { expect, onTestFinished, test } from 'vitest';
import { muteServer } from '../testing/mute-server.ts';
import { openConnection } from './connection.ts';

test.each(['post', 'postWhole'] as const)(
  '%s: who leaves while the connection is being made does not wait for it',
  async (how) => {
    const mute = await muteServer();
    const connection = openConnection('mute', { connect_timeout_ms: 600_000 });
    onTestFinished(connection.close);
    const caller = new AbortController();
    const asked = connection[how](new URL(mute.url), {
      headers: {},
      body: Buffer.from('{}'),
      signal: caller.signal,
    });
    const failed = expect(asked).rejects.toThrow('gone');
    await mute.connected();
    caller.abort(new Error('gone'));
    await failed;
  },
);
