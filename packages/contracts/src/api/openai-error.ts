import { z } from 'zod';

/** An error as OpenAI's API says it; what the paths of the OpenAI-compatible API answer. */
export const OpenAiError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string().meta({ example: 'invalid_request_error' }),
      param: z.string().nullable().meta({ description: 'The field that is wrong' }),
      code: z.string().nullable().meta({ example: 'model_not_found' }),
    }),
  })
  .meta({ id: 'OpenAiError' });
export type OpenAiError = z.infer<typeof OpenAiError>;
