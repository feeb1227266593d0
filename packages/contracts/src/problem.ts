import { z } from 'zod';
import { ErrorCodeSchema, Fault } from './errors.ts';

/** RFC 9457 problem details with our code. */
export const Problem = z
  .object({
    type: z.string().meta({ example: '/docs/errors#invalid_request' }),
    title: z.string(),
    status: z.int(),
    code: ErrorCodeSchema,
    detail: z.string().optional(),
    advice: z.string(),
    instance: z.string().optional(),
    request_id: z.string().optional(),
    errors: z.array(Fault).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
