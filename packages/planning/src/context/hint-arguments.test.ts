import type { ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { hintsFor } from './hint-arguments.ts';

test('an address is found behind a word of half a million letters', () => {
  const properties = { who: { type: 'string', format: 'email' } };
  const tool = { name: 'hr.leave', input_schema: { type: 'object', properties } } as unknown as ToolManifest;
  expect(hintsFor(`${'a-'.repeat(250_000)}, ann.b+c@example.com.`, [tool])).toEqual({
    'hr.leave': { who: 'ann.b+c@example.com' },
  });
});
