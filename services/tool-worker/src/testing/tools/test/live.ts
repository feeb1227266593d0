import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

export const tool = defineTool({
  name: 'test.live',
  description: 'Reads what changes all the time, and writes a line to a file each time it runs.',
  input: z.strictObject({
    file: z.string(),
    /** A file: it takes until that is there. */
    until: z.string().optional(),
  }),
  output: z.object({ done: z.boolean() }),
  effects: 'read',
  idempotent: true,
  cache: false,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ file, until }, { signal }) {
    appendFileSync(file, 'ran\n');
    while (until && !existsSync(until)) await sleep(5, undefined, { signal });
    return { done: true };
  },
});
