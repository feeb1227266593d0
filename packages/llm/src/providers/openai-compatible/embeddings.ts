import type { OpenAI } from 'openai';
import type { Embeddings, EmbedRequest } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { defined } from '../defined.ts';
import { usageOf } from './usage.ts';

/** Floats whatever the caller wants: it gets them in its own form. */
export function toEmbedParams(
  model: string,
  { input, dimensions, extra }: EmbedRequest,
): OpenAI.EmbeddingCreateParams {
  return { ...extra, model, input, ...defined({ dimensions }), encoding_format: 'float' };
}

/** Vectors in the order of the input. Throws `bad_reply` when one is missing. */
export function toEmbeddings(reply: OpenAI.CreateEmbeddingResponse, inputs: number): Embeddings {
  const vectors = (reply.data ?? [])
    .toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0))
    .map((item) => item.embedding);
  if (vectors.length !== inputs || vectors.some((vector) => !Array.isArray(vector) || vector.length === 0))
    throw new ModelError('bad_reply', `${vectors.length} vectors came for ${inputs} texts`);
  return { vectors, usage: usageOf(reply) };
}
