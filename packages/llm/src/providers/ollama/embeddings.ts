import { z } from 'zod';
import type { Embeddings } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { toldUsage } from '../told-usage.ts';

const Reply = z.object({
  embeddings: z.array(z.array(z.number()).min(1)),
  prompt_eval_count: z.unknown().optional(),
});

/** Throws `bad_reply` when a vector is missing. */
export function toEmbeddings(body: unknown, inputs: number): Embeddings {
  const reply = Reply.safeParse(body);
  if (!reply.success || reply.data.embeddings.length !== inputs)
    throw new ModelError('bad_reply', `not ${inputs} vectors came for ${inputs} texts`);
  const { embeddings: vectors, prompt_eval_count: tokens } = reply.data;
  return { vectors, usage: tokens == null ? null : toldUsage({ input_tokens: tokens }) };
}
