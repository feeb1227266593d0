import type { Embeddings } from './contract.ts';
import type { CallContext } from './model-call.ts';
import { ModelError } from './model-error.ts';
import type { Models } from './models.ts';
import { embedDemand } from './policies/demand.ts';
import { EMBED_METER } from './policies/meter.ts';

const PATIENCE_MS = 10_000;

/** Who asks for vectors, and pays. */
export type Payer = Pick<CallContext, 'caller' | 'request_id' | 'onCall'>;

/** Tools are everybody's: no key's limits or budgets count these calls, no tenant's usage, only metrics do. */
const NOBODY: Payer = { caller: null, request_id: 'tools', onCall: () => {} };

/** Vectors of texts by `provider/model`, within ten seconds. */
export function embedWith(
  models: Models,
  model: string,
  payer = NOBODY,
): (texts: string[]) => Promise<number[][]> {
  return async (texts) => {
    const replies = models.stream<Embeddings>({
      model,
      purpose: 'embed',
      prompt: null,
      agent: null,
      ...payer,
      signal: AbortSignal.timeout(PATIENCE_MS),
      deadline_at: null,
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
