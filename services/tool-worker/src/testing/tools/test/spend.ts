import { PlanyardError } from '@planyard/contracts';
import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

export const tool = defineTool({
  name: 'test.spend',
  description: 'Spends what it is told to, beside the tokens of a model.',
  input: z.strictObject({ usd: z.number().optional(), fail: z.boolean().default(false) }),
  output: z.object({}),
  effects: 'read',
  idempotent: true,
  cache: false,
  cost_usd: 0.5,
  profile: { accuracy: 1, complexity: 'low' },
  async execute({ usd, fail }, { spent }) {
    if (usd !== undefined)
      spent({ cost_usd: usd, model: 'one/small', usage: { input_tokens: 9, output_tokens: 1 } });
    if (fail) throw new PlanyardError('invalid_args', 'told to fail');
    return {};
  },
});
