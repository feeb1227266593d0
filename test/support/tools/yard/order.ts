import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

/** Changes things, so that a person is asked first. */
export const tool = defineTool({
  name: 'yard.order',
  description: 'Orders planks',
  input: z.strictObject({ planks: z.int().min(1).max(100), wood: z.enum(['oak', 'pine']).default('oak') }),
  output: z.object({ ordered: z.string() }),
  effects: 'write',
  idempotent: true,
  needs_approval: true,
  profile: { accuracy: 1, complexity: 'low' },
  execute: async ({ planks, wood }) => ({ ordered: `${planks} of ${wood}` }),
});
