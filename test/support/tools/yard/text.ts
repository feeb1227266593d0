import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

/** A result of as many bytes as are asked for. */
export const tool = defineTool({
  name: 'yard.text',
  description: 'Gives a text of that length; whatever else it is given it forgets',
  input: z.strictObject({ bytes: z.int().min(0), forget: z.unknown().optional() }),
  output: z.object({ text: z.string() }),
  effects: 'read',
  idempotent: true,
  cache: false,
  profile: { accuracy: 1, complexity: 'low' },
  execute: async ({ bytes }) => ({ text: 'x'.repeat(bytes) }),
});
