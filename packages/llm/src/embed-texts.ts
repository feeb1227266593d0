import type { Embeddings } from './contract.ts';
import type { CallContext, StreamCall } from './model-call.ts';
import { ModelError } from './model-error.ts';
import { embedDemand } from './policies/demand.ts';
import { EMBED_METER } from './policies/meter.ts';

/** Vectors are only a help: nobody waits longer for them. */
const PATIENCE_MS = 10_000;

/** By which `provider/model` texts are embedded, who asks and pays (null: no key's limits or budgets count it), and where the record goes. */
export type EmbedContext = Pick<CallContext, 'model' | 'caller' | 'request_id' | 'onCall'> &
  Partial<Omit<CallContext, 'purpose' | 'prompt'>>;

export interface EmbedDeps {
  stream: (call: StreamCall<Embeddings>) => AsyncIterable<Embeddings>;
  now: () => number;
}

/** One vector for each text, within ten seconds. Throws `ModelError`. */
export async function embedTexts(
  { stream, now }: EmbedDeps,
  texts: string[],
  context: EmbedContext,
): Promise<number[][]> {
  const patience = now() + PATIENCE_MS;
  const replies = stream({
    agent: null,
    signal: new AbortController().signal,
    ...context,
    deadline_at: Math.min(patience, context.deadline_at ?? patience),
    purpose: 'embed',
    prompt: null,
    // Whoever asks in the course of a call of another kind says nothing of this one by it.
    kept: null,
    foreign: () => [],
    params: () => ({}),
    streaming: false,
    demand: embedDemand(texts),
    meter: EMBED_METER,
    input: () => texts,
    async *open({ provider, name }, signal) {
      const { connect_ms } = context.timeouts ?? {};
      yield await provider.embed(name.model, { input: texts, connect_ms }, signal);
    },
  });
  for await (const { vectors } of replies) return vectors;
  throw new ModelError('bad_reply', `${context.model} gave no vectors`);
}
