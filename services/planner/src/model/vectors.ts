import { HOUSE, type ModelCall } from '@planyard/contracts';
import type { Phase } from '@planyard/engine';
import type { Models } from '@planyard/llm';
import { createToolVectors } from '@planyard/planning';
import type { Logger } from '@planyard/runtime';
import { type Executor, insertModelCalls } from '@planyard/store';
import type { PlannerDeps } from '../deps.ts';
import { callOf } from './ask-model.ts';

/** Digits of a vector's numbers that are kept. */
const DIGITS = 6;

/** What one phase asks for as vectors. */
export type PhaseVectors = Pick<PlannerDeps, 'vectorOf' | 'similarities'>;

export const NO_VECTORS: PhaseVectors = { vectorOf: null, similarities: async () => null };

/** Vectors of tools, which all runs share, and for each phase those of what it asks. Plan cache, ranking and searches ask for the same texts: each is embedded once, at the run's cost, and not tried again where that failed. */
export function createVectors({
  models,
  model,
  db,
  log,
}: {
  models: Models;
  model: string;
  db: Executor;
  log: Logger;
}): () => PhaseVectors {
  const onCall = (call: ModelCall) =>
    insertModelCalls(db, [{ run: null, caller: HOUSE, tags: [], call }]).catch((error: unknown) =>
      log.warn({ err: error }, 'the record of a call for vectors of tools is lost'),
    );
  const ofTools = createToolVectors(
    (texts) => models.embed(texts, { model, caller: null, request_id: 'tools', onCall }),
    (error) => log.warn({ err: error, model }, 'tools are found by words alone'),
  );

  async function embed(phase: Phase, text: string): Promise<number[]> {
    const call = callOf(phase, { model, purpose: 'embed', prompt: null, signal: phase.signal });
    const [vector = []] = await models.embed([text], call);
    return vector.map((value) => Number(value.toPrecision(DIGITS)));
  }

  return () => {
    const known = new Map<string, Promise<number[]>>();
    const vectorOf = (phase: Phase, text: string) => {
      const vector = known.get(text) ?? embed(phase, text);
      known.set(text, vector);
      return vector;
    };
    return {
      vectorOf,
      similarities: (phase, question, tools) => ofTools.similarities(tools, () => vectorOf(phase, question)),
    };
  };
}
