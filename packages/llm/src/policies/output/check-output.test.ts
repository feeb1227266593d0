import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type CheckCaller, createOutputCheck } from './check-output.ts';

const SCHEMA = { type: 'object', properties: { a: { type: 'string', pattern: '^(a|a)*$' } } };
const ENDLESS = JSON.stringify({ a: `${'a'.repeat(60)}!` });

function open(longMs?: number) {
  const warnings: unknown[] = [];
  const log = { info: () => undefined, warn: (fields: object) => void warnings.push(fields) };
  const check = createOutputCheck(log, longMs);
  onTestFinished(() => check.close());
  return { ...check, warnings };
}

function by(user: string, signal = new AbortController().signal): CheckCaller {
  return { caller: { tenant: 'default', user, key_id: 'key_1' }, signal };
}

test('a check that takes for ever is refused, and all else goes on meanwhile', async () => {
  const { faults, warnings } = open();
  let turns = 0;
  let checking = true;
  const refused = expect(faults(ENDLESS, SCHEMA, by('a'))).rejects.toMatchObject({
    kind: 'bad_request',
    message: 'the output schema takes too long to check',
  });
  const ended = refused.finally(() => {
    checking = false;
  });
  while (checking) {
    await turn();
    turns += 1;
  }
  await ended;
  expect(turns).toBeGreaterThan(100);
  expect(await faults('{"a":"aaa"}', SCHEMA, by('a'))).toEqual([]);
  expect(await faults('{"a":"b"}', SCHEMA, by('a'))).toEqual(['/a must match pattern "^(a|a)*$"']);
  expect(warnings).toEqual([]);
});

test('a user whose checks took too long together waits, nobody else does', async () => {
  const { faults, prepare } = open(500);
  const many = Array.from({ length: 20 }, () => faults(ENDLESS, SCHEMA, by('greedy')));
  const ends = await Promise.allSettled(many);
  const codes = ends.map((end) => (end.status === 'rejected' ? end.reason.code : 'checked'));
  expect(codes[0]).toBe('model_refused');
  expect(codes.slice(1)).toEqual(Array(19).fill('rate_limited'));
  const output = { name: 'x', schema: { type: 'object' } };
  await expect(prepare(output, by('greedy'))).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfter: expect.any(Number),
  });
  await prepare(output, by('other'));
  expect(await faults('{"a":1}', SCHEMA, by('other'))).toEqual(['/a must be string']);
});

test('a large schema of use takes its time elsewhere; one over the limit is refused', async () => {
  const { prepare, faults } = open();
  const fields = Array.from({ length: 100 }, (_, at) => [`p${at}`, { type: 'string', minLength: 1 }]);
  const groups = fields.slice(0, 10).map(([name]) => [name, { properties: Object.fromEntries(fields) }]);
  const schema = { type: 'object', properties: Object.fromEntries(groups) };
  await prepare({ name: 'x', schema }, by('a'));
  expect(await faults('{"p1":{"p2":""}}', schema, by('a'))).toEqual([
    '/p1/p2 must NOT have fewer than 1 characters',
  ]);
  const path = 'response_format.json_schema.schema';
  const huge = { type: 'object', description: 'x'.repeat(300_000) };
  await expect(prepare({ name: 'x', schema: huge, path }, by('a'))).rejects.toMatchObject({
    kind: 'bad_request',
    errors: [{ path, message: 'a schema may have 256 KiB' }],
  });
});

test('who has left is not checked for, and costs nobody a turn', async () => {
  const { faults } = open();
  const left = AbortSignal.abort(new Error('left'));
  await expect(faults(ENDLESS, SCHEMA, by('a', left))).rejects.toThrow('left');
});
