import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

/** A result of as many levels as are asked for. */
export const tool = defineTool({
  name: 'yard.nest',
  description: 'Gives lists within lists, so many levels deep',
  input: z.strictObject({ levels: z.int().min(1) }),
  output: z.unknown(),
  effects: 'read',
  idempotent: true,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ levels }) {
    let value: unknown[] = [];
    for (let at = 1; at < levels; at += 1) value = [value];
    return value;
  },
});
