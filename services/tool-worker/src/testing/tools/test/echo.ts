import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

export const tool = defineTool({
  name: 'test.echo',
  description: 'Gives back what it got, and says how often it ran.',
  input: z.strictObject({
    value: z.json().optional(),
    n: z.int().default(7),
    request_id: z.string().optional(),
  }),
  output: z.object({ value: z.json(), n: z.int() }),
  effects: 'read',
  idempotent: true,
  cost_usd: 0.5,
  profile: { accuracy: 1, complexity: 'very_low' },
  broad_search: (question) => ({ value: `asked ${question}` }),
  count: () => 1,
  records: ({ n }) => [{ type: 'number', id: String(n), title: `Number ${n}` }],
  async execute({ value, n }) {
    return { value: value ?? null, n };
  },
});
