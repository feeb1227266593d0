import { z } from 'zod';

const usd = z.number().min(0);
const Rates = z.strictObject({
  input: usd,
  output: usd.default(0),
  cached: usd.optional().meta({ description: 'Input read from the provider’s cache; as `input` by default' }),
  cache_write: usd.optional().meta({ description: 'Input written to it; as `input` by default' }),
  reasoning: usd.optional().meta({ description: 'Output that is reasoning; as `output` by default' }),
});

const Tiers = Rates.extend({
  batch: Rates.optional().meta({
    description: 'In a batch or at flexible service; as the others by default',
  }),
});

/** USD for a million tokens, and how many the model takes. */
export const Price = Tiers.extend({
  priority: z.number().min(1).optional().meta({
    description:
      'How many times as much a call costs at priority service; without it, such a call is refused under a budget in USD',
  }),
  long: Tiers.extend({ over_tokens: z.int().min(1) })
    .optional()
    .meta({ description: 'Of a whole call whose input has more than `over_tokens`' }),
  max_output_tokens: z.int().min(1).optional(),
  context_tokens: z.int().min(1).optional(),
});
export type Price = z.infer<typeof Price>;
export type PriceInput = z.input<typeof Price>;
