import { EMBED_METER, type Embeddings, embedDemand, ModelError, type Models } from '@planyard/llm';
import type { Embed } from '@planyard/planning';

const PATIENCE_MS = 10_000;

/** Vectors of tools by `provider/model`. Tools are everybody's: no key's limits or budgets count these calls, no tenant's usage, only metrics do. */
export function embedWith(models: Models, model: string): Embed {
  return async (texts) => {
    const replies = models.stream<Embeddings>({
      model,
      purpose: 'embed',
      prompt: null,
      agent: null,
      request_id: 'tools',
      caller: null,
      signal: AbortSignal.timeout(PATIENCE_MS),
      deadline_at: null,
      onCall: () => {},
      streaming: false,
      demand: embedDemand(texts),
      meter: EMBED_METER,
      input: () => texts,
      async *open({ provider, name }, signal) {
        yield await provider.embed(name.model, { input: texts }, signal);
      },
    });
    for await (const { vectors } of replies) return vectors;
    throw new ModelError('bad_reply', `${model} gave no vectors`);
  };
}
