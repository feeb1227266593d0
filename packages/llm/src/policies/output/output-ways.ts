import type { ChatRequest } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';

/** How JSON of a schema is asked for: by the protocol's own field, as the call of a tool, or in words. */
export type OutputWay = 'schema' | 'call' | 'text';

/** What is known of the ways that models refuse. */
export interface OutputWays {
  /** The best way that the model is not known to refuse, of those from `best` on. */
  of(id: string, request: ChatRequest, best: OutputWay): OutputWay;
  /** The way to go on with after that error, which is remembered; null where it is not about the way. */
  after(id: string, request: ChatRequest, way: OutputWay, error: unknown): OutputWay | null;
}

/** A server may be another version by then. */
const REMEMBERED_MS = 3_600_000;
/** Names of models are the callers'. */
const MOST = 1_000;
const REFUSALS: Record<OutputWay, RegExp | null> = {
  schema: /response.?format|json.?schema|guided.?json/i,
  call: /tools?\b|tool.?choice|functions?\b/i,
  text: null,
};
/** OpenAI's words for a schema that it does not take: the caller's mistake. */
const UNFIT_SCHEMA = /invalid schema/i;
const LOWER: Record<OutputWay, OutputWay> = { schema: 'call', call: 'text', text: 'text' };

/** Endpoints differ in what they know, and say so with status 400 alone. */
export function createOutputWays(now: () => number): OutputWays {
  const refused = new Map<string, number>();
  // One that knows no JSON by schema may know any JSON, and the other way round.
  const keyOf = (id: string, { output }: ChatRequest, way: OutputWay) =>
    `${way} ${way === 'schema' && output?.any_object === true} ${id}`;
  return {
    of(id, request, best) {
      let way = best;
      while ((refused.get(keyOf(id, request, way)) ?? 0) > now()) way = LOWER[way];
      return way;
    },
    after(id, request, way, error) {
      const isRefused =
        error instanceof ModelError &&
        error.kind === 'bad_request' &&
        // What was heard once is not asked for anew.
        error.usage === undefined &&
        REFUSALS[way]?.test(error.message) &&
        !UNFIT_SCHEMA.test(error.message);
      if (!isRefused) return null;
      if (refused.size >= MOST) refused.delete(refused.keys().next().value ?? '');
      refused.set(keyOf(id, request, way), now() + REMEMBERED_MS);
      return LOWER[way];
    },
  };
}
