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
