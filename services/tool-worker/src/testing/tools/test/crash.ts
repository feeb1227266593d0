import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

export const tool = defineTool({
  name: 'test.crash',
  description: 'Ends the process that runs it.',
  input: z.strictObject({ signal: z.enum(['SIGKILL', 'SIGSEGV']).default('SIGKILL') }),
  output: z.object({}),
  effects: 'read',
  idempotent: true,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ signal }) {
    process.kill(process.pid, signal);
    return {};
  },
});
