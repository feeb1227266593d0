import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger, type LogLevel } from './logger.ts';

function captured(level: LogLevel = 'info') {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, log: createLogger({ service: 'test', level, destination }) };
}

test('a line carries the service, the bound ids and the fields', () => {
  const { lines, log } = captured();
  log
    .child({ request_id: 'r1' })
    .child({ run_id: 'run_1' })
    .info({ usage: { input_tokens: 3 } }, 'hello');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    service: 'test',
    request_id: 'r1',
    run_id: 'run_1',
    usage: { input_tokens: 3 },
    message: 'hello',
  });
});

test('no secret reaches a line, wherever it stands', () => {
  const { lines, log } = captured();
  const secret = 'hunter2hunter2';
  const cause = new Error(`refused by redis://user:${secret}@redis:6379/0`);
  log.child({ 'x-api-key': secret }).error(
    {
      headers: { Authorization: `Bearer ${secret}` },
      deep: [{ password: secret }],
      url: `postgres://me:${secret}@db/planyard`,
      text: `curl -H "authorization: Bearer ${secret}"`,
      err: new Error(`cannot reach rediss://:${secret}@redis`, { cause }),
    },
    `tried https://a:${secret}@example.org/path`,
  );
  expect(lines.join('')).not.toContain(secret);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    url: 'postgres://[redacted]@db/planyard',
    message: 'tried https://[redacted]@example.org/path',
    err: { type: 'Error', cause: { type: 'Error' } },
  });
});

test('lines under the level are left out', () => {
  const { lines, log } = captured('warn');
  log.info({}, 'quiet');
  expect(lines).toEqual([]);
});
