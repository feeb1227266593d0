import { z } from 'zod';
import { ModelRef } from './route.ts';

/** Replies that are given again. */
export const CacheSettings = z.strictObject({
  enabled: z.boolean().default(true),
  ttl_s: z.int().min(1).max(2_592_000).default(300),
  max_entries: z.int().min(1).default(10_000).meta({ description: 'Read at start' }),
  max_bytes: z
    .int()
    .min(1)
    .default(64 * 1024 * 1024)
    .meta({ description: 'Read at start' }),
  similar: z
    .strictObject({
      model: ModelRef.meta({ description: 'Embeds the questions' }),
      threshold: z.number().min(0.5).max(1).default(0.97).meta({ description: 'Cosine of two questions' }),
      max_questions: z
        .int()
        .min(1)
        .max(1_000)
        .default(200)
        .meta({ description: 'Compared for one tenant, model and prompt' }),
    })
    .optional()
    .meta({ description: 'The reply to a question that says nearly the same; off unless it is set' }),
});
export type CacheSettings = z.infer<typeof CacheSettings>;

export const DEFAULT_CACHE: CacheSettings = CacheSettings.parse({});
