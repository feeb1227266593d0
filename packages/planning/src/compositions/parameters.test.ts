import { expect, test } from 'vitest';
import { parametersSchema } from './parameters.ts';

test('a text is as long as a question at most', () => {
  const schema = parametersSchema({ query: { type: 'string', description: '' } });
  expect(schema.safeParse({ query: 'x'.repeat(20_000) }).success).toBe(true);
  expect(schema.safeParse({ query: 'x'.repeat(20_001) }).error?.issues).toMatchObject([
    { path: ['query'], code: 'too_big' },
  ]);
});
