import { randomUUID } from 'node:crypto';
import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

/** Each execution gives another stamp: what was copied is told from what was done again. */
export const tool = defineTool({
  name: 'yard.note',
  description: 'Notes a text, with a stamp of its own and as many further bytes as are asked for',
  input: z.strictObject({
    text: z.string(),
    bytes: z.int().min(0).default(0),
    fail: z.boolean().default(false),
    about: z.unknown().optional(),
  }),
  output: z.object({
    text: z.string(),
    stamp: z.string(),
    filler: z.string(),
    about: z.unknown().optional(),
  }),
  effects: 'read',
  idempotent: true,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ text, bytes, fail, about }) {
    if (fail) throw new Error('told to fail');
    return { text, stamp: randomUUID(), filler: 'x'.repeat(bytes), about };
  },
});
