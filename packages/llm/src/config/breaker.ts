import { z } from 'zod';

export const BreakerSettings = z.strictObject({
  error_percent: z
    .number()
    .min(0)
    .max(99)
    .default(50)
    .meta({ description: 'It opens above this share of failed calls' }),
  min_calls: z.int().min(1).default(5).meta({ description: 'Calls in the window before the share counts' }),
  window_ms: z.int().min(100).default(60_000),
  reset_ms: z.int().min(10).default(15_000).meta({ description: 'Rest before a probe' }),
});
export type BreakerSettings = z.infer<typeof BreakerSettings>;

export const DEFAULT_BREAKER: BreakerSettings = BreakerSettings.parse({});
