import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

export const tool = defineTool({
  name: 'test.approved',
  description: 'Needs a person.',
  input: z.strictObject({ what: z.string() }),
  output: z.object({ did: z.string() }),
  effects: 'write',
  idempotent: true,
  needs_approval: true,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ what }) {
    return { did: what };
  },
});
