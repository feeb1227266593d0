import { defineTool } from '@planyard/sdk';
import { z } from 'zod';

const Value = z.unknown();

/** The last step of an expanded composition: what its steps gave, in the shape that other steps refer to. */
export const tool = defineTool({
  name: 'composition.collect',
  description:
    'Gathers what the steps of a composition gave. Part of compositions, not to be planned by itself.',
  input: z.strictObject({ primary: Value, enriched: z.record(z.string(), Value).default({}) }),
  output: z.object({ primary: Value, enriched: z.record(z.string(), Value) }),
  effects: 'read',
  idempotent: true,
  cache: false,
  profile: { accuracy: 1, complexity: 'very_low' },
  async execute({ primary = null, enriched }) {
    return { primary, enriched };
  },
});
