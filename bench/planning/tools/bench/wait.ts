import { setTimeout as wait } from 'node:timers/promises';
import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

/** A tool that takes as long as it is asked to. */
export const tool = defineTool({
  name: 'bench.wait',
  description: 'Looks up the state of a thing, which takes some time',
  input: z.strictObject({ thing: z.string(), ms: z.int().min(0), after: z.string().optional() }),
  output: z.object({ thing: z.string(), state: z.string() }),
  effects: 'read',
  idempotent: true,
  cache: false,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ thing, ms }, { signal }) {
    await wait(ms, undefined, { signal });
    return { thing, state: 'fine' };
  },
});
