import { expect, test } from 'vitest';
import { z } from 'zod';
import { EnvError, parseEnv } from './parse-env.ts';

const schema = z.object({
  REDIS_URL: z.string().describe('redis://host:6379'),
  PORT: z.coerce.number().int().min(0).max(65_535).describe('a port, 0 to 65535').default(8080),
  LABEL: z.string().optional(),
});

function faultsOf(env: Record<string, string | undefined>) {
  try {
    parseEnv(schema, env);
  } catch (error) {
    if (error instanceof EnvError) return error;
  }
  throw new Error('it was accepted');
}

test('all faults are listed at once, each with what to set', () => {
  const error = faultsOf({ PORT: 'http' });
  expect(error.faults.map((fault) => fault.variable)).toEqual(['REDIS_URL', 'PORT']);
  expect(error.message).toContain('REDIS_URL: not set; set it to: redis://host:6379');
  expect(error.message).toContain('a port, 0 to 65535');
});

test('an empty variable counts as unset', () => {
  expect(faultsOf({ REDIS_URL: '' }).message).toContain('not set');
  expect(parseEnv(schema, { REDIS_URL: 'redis://r', PORT: '', HOME: '/x' })).toEqual({
    REDIS_URL: 'redis://r',
    PORT: 8080,
  });
});
