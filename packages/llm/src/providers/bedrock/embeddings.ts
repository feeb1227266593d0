import { z } from 'zod';
import type { Embeddings, EmbedRequest } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { defined } from '../defined.ts';
import { textsOf } from '../embed-texts.ts';
import { toldUsage } from '../told-usage.ts';

const Reply = z.object({ embedding: z.array(z.number()).min(1), inputTextTokenCount: z.number().default(0) });
const AT_ONCE = 8;

/** Titan takes one text a call: `invoke` is called for each, a few at once. Only version 2 takes dimensions. Throws `bad_request` for models of another family. */
export async function embedWithTitan(
  model: string,
  { input, dimensions }: EmbedRequest,
  invoke: (body: string) => Promise<Uint8Array>,
): Promise<Embeddings> {
  if (!model.includes('amazon.titan-embed'))
    throw new ModelError('bad_request', `${model} is not a Titan embedding model`);
  const vectors: number[][] = [];
  let tokens = 0;
  const texts = textsOf(input, model);
  for (let from = 0; from < texts.length; from += AT_ONCE) {
    const replies = await Promise.all(
      texts.slice(from, from + AT_ONCE).map(async (inputText) => {
        const bytes = await invoke(JSON.stringify({ inputText, ...defined({ dimensions }) }));
        const reply = Reply.safeParse(JSON.parse(Buffer.from(bytes).toString()));
        if (!reply.success) throw new ModelError('bad_reply', `${model} sent no vector`);
        return reply.data;
      }),
    );
    vectors.push(...replies.map((reply) => reply.embedding));
    tokens += replies.reduce((sum, reply) => sum + reply.inputTextTokenCount, 0);
  }
  return { vectors, usage: toldUsage({ input_tokens: tokens }) };
}
