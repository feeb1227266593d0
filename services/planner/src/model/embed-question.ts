import type { Phase } from '@planyard/engine';
import { EMBED_METER, type Embeddings, embedDemand, ModelError } from '@planyard/llm';
import type { PlannerModel } from '../deps.ts';
import { callOf } from './ask-model.ts';

/** Digits of a vector's numbers that are kept. */
const DIGITS = 6;

/** What is only a help is not waited for any longer. */
const PATIENCE_MS = 10_000;

/** A question as a vector of the model, within ten seconds. Throws `ModelError`. */
export async function embedQuestion(
  phase: Phase,
  { models }: PlannerModel,
  model: string,
  text: string,
): Promise<number[]> {
  const signal = AbortSignal.any([phase.signal, AbortSignal.timeout(PATIENCE_MS)]);
  const embedded = models.stream<Embeddings>({
    ...callOf(phase, { model, purpose: 'embed', prompt: null, signal }),
    streaming: false,
    demand: embedDemand([text]),
    async *open({ provider, name }, inner) {
      yield await provider.embed(name.model, { input: [text] }, inner);
    },
    meter: EMBED_METER,
    input: () => text,
  });
  for await (const { vectors } of embedded)
    if (vectors[0]) return vectors[0].map((value) => Number(value.toPrecision(DIGITS)));
  throw new ModelError('bad_reply', `${model} gave no vector`);
}
