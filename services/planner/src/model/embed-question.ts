import type { Phase } from '@planyard/engine';
import { EMBED_METER, type Embeddings, embedDemand, ModelError } from '@planyard/llm';
import type { PlannerModel } from '../deps.ts';
import { callOf } from './ask-model.ts';

/** Digits of a vector's numbers that are kept. */
const DIGITS = 6;

/** A question as a vector of the model. Throws `ModelError`. */
export async function embedQuestion(
  phase: Phase,
  { models }: PlannerModel,
  model: string,
  text: string,
): Promise<number[]> {
  const embedded = models.stream<Embeddings>({
    ...callOf(phase, { model, purpose: 'embed', prompt: null, signal: phase.signal }),
    streaming: false,
    demand: embedDemand([text]),
    async *open({ provider, name }, signal) {
      yield await provider.embed(name.model, { input: [text] }, signal);
    },
    meter: EMBED_METER,
    input: () => text,
  });
  for await (const { vectors } of embedded)
    if (vectors[0]) return vectors[0].map((value) => Number(value.toPrecision(DIGITS)));
  throw new ModelError('bad_reply', `${model} gave no vector`);
}
