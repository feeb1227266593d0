import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

export const tool = defineTool({
  name: 'test.pay',
  description: 'An effect that may not happen twice.',
  input: z.strictObject({ file: z.string(), ms: z.int().default(0), bytes: z.int().default(0) }),
  output: z.object({ paid: z.boolean(), receipt: z.string().optional() }),
  effects: 'write',
  idempotent: false,
  timeout_ms: 60_000,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ file, ms, bytes }, { idempotency_key }) {
    appendFileSync(file, `${idempotency_key}\n`);
    await sleep(ms);
    return bytes === 0 ? { paid: true } : { paid: true, receipt: 'x'.repeat(bytes) };
  },
});
