import { z } from 'zod';

/** `POST /v1/embeddings` as OpenAI defines it, for texts. */
export const EmbeddingsRequest = z
  .looseObject({
    model: z.string().min(1).max(300).meta({ description: 'A route or `provider/model`' }),
    input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048)]),
    dimensions: z.int().min(1).nullish(),
    encoding_format: z.enum(['float', 'base64']).nullish(),
  })
  .meta({ id: 'EmbeddingsRequest' });
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>;

export const EmbeddingsReply = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        object: z.literal('embedding'),
        index: z.int(),
        embedding: z
          .union([z.array(z.number()), z.string()])
          .meta({ description: 'Base64 of little-endian floats where `encoding_format` asks for it' }),
      }),
    ),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: 'Embeddings' });
export type EmbeddingsReply = z.infer<typeof EmbeddingsReply>;
