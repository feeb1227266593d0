import { z } from 'zod';

export const Retries = z.strictObject({
  max_tries: z.int().min(1).max(20).default(4),
  base_ms: z.int().min(1).default(300),
  cap_ms: z.int().min(1).default(8_000),
  max_wait_ms: z
    .int()
    .min(0)
    .default(30_000)
    .meta({ description: 'A provider that asks for a longer wait is given up' }),
});
export type Retries = z.infer<typeof Retries>;

export const DEFAULT_RETRIES: Retries = Retries.parse({});
