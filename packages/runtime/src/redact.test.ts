import { expect, test } from 'vitest';
import { redact } from './redact.ts';

test.each([
  'db_password',
  'aws_secret_access_key',
  'session_token',
  'openai_api_key',
  'pwd',
  'credentials',
  'X-Api-Key',
  'awsAccessKeyId',
])('%s is the name of a secret', (name) => {
  expect(redact({ [name]: 'hunter2' })).toEqual({ [name]: '[redacted]' });
});

test.each(['input_tokens', 'tokenizer', 'key', 'author'])('%s is none', (name) => {
  expect(redact({ [name]: 'seen' })).toEqual({ [name]: 'seen' });
});

test.each([`py_b3fdabaf_${'41a7'.repeat(8)}`, `AKIA${'ABCD2345'.repeat(2)}`, `sk-proj-${'x'.repeat(20)}`])(
  '%s is a secret wherever it stands',
  (key) => {
    expect(redact({ note: [`called with ${key}, twice`] })).toEqual({
      note: ['called with [redacted], twice'],
    });
  },
);

test.each([
  ['postgres://me:hunter2@db:5432/x', 'postgres://[redacted]@db:5432/x'],
  [
    'at git+ssh://me@host/x, then at http://a.example/b@c',
    'at git+ssh://[redacted]@host/x, then at http://a.example/b@c',
  ],
  ['Authorization: Bearer abc.def-123', 'Authorization: Bearer [redacted]'],
])('of %s the credentials are hidden', (text, told) => {
  expect(redact(text)).toBe(told);
});

test.each(['a.', 'a://', '://', 'bearer ', 'basic  ', 'sk-', 'py_', 'AKIA'])(
  'a million times %s is read once',
  (text) => {
    const long = text.repeat(1_000_000);
    expect(redact(`${long} redis://:hunter2@db/`)).toMatch(/ redis:\/\/\[redacted\]@db\/$/);
  },
);
