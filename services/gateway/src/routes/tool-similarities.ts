import { type Caller, HOUSE, type ModelCall, type ToolManifest } from '@planyard/contracts';
import type { Models } from '@planyard/llm';
import { createToolVectors } from '@planyard/planning';
import type { Logger } from '@planyard/runtime';
import type { ModelCallLog } from '../openai/model-call-log.ts';

/** How alike question and tools are by their embeddings, paid for by who asks; null without a model for them, and until the tools' are there. */
export type Similarities = (
  question: string,
  tools: readonly ToolManifest[],
  payer: { caller: Caller; request_id: string },
) => Promise<Float64Array | null>;

export function createSimilarities(deps: {
  models: Models;
  model: string;
  calls: Pick<ModelCallLog, 'add'>;
  log: Logger;
  closing: AbortSignal;
}): Similarities {
  const { models, model, calls, log, closing } = deps;
  const keep = (caller: Caller) => (call: ModelCall) => calls.add({ run: null, caller, tags: [], call });
  const vectors = createToolVectors(
    (texts) => models.embed(texts, { model, caller: null, request_id: 'tools', onCall: keep(HOUSE) }),
    (error) => log.warn({ err: error, model }, 'tools are ranked by words alone'),
  );
  return (question, tools, { caller, request_id }) =>
    vectors.similarities(tools, async () => {
      const [vector = []] = await models.embed([question], {
        model,
        caller,
        request_id,
        signal: closing,
        onCall: keep(caller),
      });
      return vector;
    });
}
