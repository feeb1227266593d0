import { z } from 'zod';

/** A model as `GET /v1/models` lists it: OpenAI's fields, and what we know besides. */
export const ModelListItem = z
  .object({
    id: z.string().meta({ description: 'What requests name it by' }),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string().meta({ description: 'The provider; `planyard` for routes and runs' }),
    planyard: z.object({
      kind: z.enum(['model', 'route', 'run']),
      models: z.array(z.string()).optional().meta({ description: 'What a route tries, in order' }),
      breaker: z.enum(['closed', 'half_open', 'open']).optional(),
    }),
  })
  .meta({ id: 'Model' });
export type ModelListItem = z.infer<typeof ModelListItem>;

export const ModelList = z
  .object({ object: z.literal('list'), data: z.array(ModelListItem) })
  .meta({ id: 'ModelList' });
export type ModelList = z.infer<typeof ModelList>;
