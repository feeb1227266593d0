import { Usage } from '@planyard/contracts';
import type { OpenAI } from 'openai';
import type { Embeddings } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';

/** Vectors in the order of the input. Throws `bad_reply` when one is missing. */
export function toEmbeddings(reply: OpenAI.CreateEmbeddingResponse, inputs: number): Embeddings {
  const vectors = (reply.data ?? [])
    .toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0))
    .map((item) => item.embedding);
  if (vectors.length !== inputs || vectors.some((vector) => !Array.isArray(vector) || vector.length === 0))
    throw new ModelError('bad_reply', `${vectors.length} vectors came for ${inputs} texts`);
  return { vectors, usage: Usage.parse({ input_tokens: reply.usage?.prompt_tokens ?? 0 }) };
}
