import { z } from 'zod';
import { IdempotencyKey } from '../http/idempotency.ts';

/** Headers of a request that starts a run. */
export const CreateRunHeaders = z.object({
  'idempotency-key': IdempotencyKey.optional().meta({
    description: 'A repeated request with this key within 24 hours gets the same run',
  }),
  prefer: z
    .string()
    .optional()
    .meta({ description: '`wait=N`: answer with the run when it ends within N seconds (300 at most)' }),
});
