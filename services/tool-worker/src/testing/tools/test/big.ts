import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

export const tool = defineTool({
  name: 'test.big',
  description: 'A result of the size asked for, or one its schema does not allow.',
  input: z.strictObject({ bytes: z.int(), wrong: z.boolean().default(false) }),
  output: z.object({ text: z.string().regex(/^x*$/) }),
  effects: 'read',
  idempotent: true,
  cache: false,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ bytes, wrong }) {
    return { text: wrong ? 'y' : 'x'.repeat(bytes) };
  },
});
