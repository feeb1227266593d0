import { z } from 'zod';
import { oneLine } from '../ids.ts';

const MOST_INPUTS = 2048;
/** No model reads as many at once. */
const MOST_TOKENS = 100_000;
const Tokens = z.array(z.int().min(0)).min(1).max(MOST_TOKENS);

function isFewEnough(input: unknown): boolean {
  return !Array.isArray(input) || typeof input[0] === 'number' || input.length <= MOST_INPUTS;
}

/** `POST /v1/embeddings` as OpenAI defines it. The object is loose: what we do not know is the provider's to judge. */
export const EmbeddingsRequest = z
  .looseObject({
    model: oneLine(300).min(1).meta({ description: 'A route or `provider/model`' }),
    input: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1), Tokens, z.array(Tokens).min(1)])
      // Within the union a longer list of texts would be told as one that is not of tokens.
      .refine(isFewEnough, { error: `has more than ${MOST_INPUTS} inputs` })
      .meta({ description: 'Texts, or their tokens where the model speaks OpenAI’s protocol' }),
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
    usage: z.object({
      prompt_tokens: z.int(),
      total_tokens: z.int(),
      estimated: z.literal(true).optional(),
    }),
  })
  .meta({ id: 'Embeddings' });
export type EmbeddingsReply = z.infer<typeof EmbeddingsReply>;
