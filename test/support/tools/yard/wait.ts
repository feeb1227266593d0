import { setTimeout as wait } from 'node:timers/promises';
import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

export const tool = defineTool({
  name: 'yard.wait',
  description: 'Waits for some milliseconds',
  input: z.strictObject({ ms: z.int().min(0) }),
  output: z.object({ waited: z.int() }),
  effects: 'read',
  idempotent: true,
  cache: false,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ ms }, { signal }) {
    await wait(ms, undefined, { signal });
    return { waited: ms };
  },
});
