import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlanyardError } from '@planyard/contracts';
import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

export const tool = defineTool({
  name: 'test.slow',
  description: 'Takes its time, and writes a line to a file each time it runs.',
  input: z.strictObject({
    file: z.string(),
    ms: z.int().default(0),
    /** A file: it takes until that is there. */
    until: z.string().optional(),
    fail: z.enum(['no', 'retry', 'throw', 'hang']).default('no'),
  }),
  output: z.object({ done: z.boolean() }),
  effects: 'read',
  idempotent: true,
  timeout_ms: 60_000,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ file, ms, until, fail }, { signal, progress }) {
    appendFileSync(file, 'ran\n');
    progress('half way', 50);
    if (fail === 'hang') await new Promise(() => {});
    await sleep(ms, undefined, { signal });
    while (until && !existsSync(until)) await sleep(5, undefined, { signal });
    if (fail === 'retry') throw new PlanyardError('tool_unavailable', 'not now');
    if (fail === 'throw') throw new Error('password=hunter2');
    return { done: true };
  },
});
