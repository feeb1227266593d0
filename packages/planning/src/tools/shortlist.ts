import type { SelectorStrategy } from '@planyard/contracts';
import { detectIntents, type IntentRules } from '../intents.ts';
import type { LiveFigures } from '../live-figures.ts';
import { type RankedTool, rateTool } from '../rank.ts';
import { nameOccursIn } from './named-tools.ts';
import type { ToolIndex } from './tool-index.ts';

export interface ShortlistRequest {
  question: string;
  index: ToolIndex;
  strategy?: SelectorStrategy;
  live?: (tool: string) => LiveFigures;
  rules?: IntentRules;
  /** How alike question and tool are by their embeddings, in the order of the index's tools; null where there are none. */
  similarities?: Float64Array | null;
  /** Tools that rest come last instead of being left out. */
  withOpen?: boolean;
  /** Takes the turn to try a tool that has rested, for what this shortlist is for; false where another has it. No tool is tried without it. */
  takeProbeTurn?: (tool: string) => boolean;
}

export interface ShortlistedTool extends RankedTool {
  /** What orders: relevance, weakened where the tool is worse than others by score or by the strategy's figure. */
  fit: number;
  /** How well the words fit, against the tool that they fit best. */
  words: number;
  /** By embeddings; null where there are none. */
  similarity: number | null;
  /** The question names it. */
  named: boolean;
}

/** How much of the relevance a bad tool loses, without and with a strategy. */
const QUALITY_SHARE = 0.25;
const STRATEGY_SHARE = 0.5;
/** What an intent adds to the relevance, of which words give at most 1. */
const INTENT_RELEVANCE = 0.3;
/** Cormack, Clarke, Büttcher: Reciprocal Rank Fusion, SIGIR 2009. */
const FUSION_K = 60;
/** A tool is given its trial where it is among so many: it must have a chance to be called. */
const PROBED = 20;

/**
 * All tools, those that fit the question best first: named ones, relevant ones, then the others by score. A tool whose
 * breaker is not closed is left out unless it is named, or half open and may be probed.
 */
export function shortlistTools(request: ShortlistRequest): ShortlistedTool[] {
  const { question, index, strategy } = request;
  const rules = { ...request, intents: detectIntents(question, request.rules) };
  const words = index.scores(question);
  const relevances = request.similarities ? fuse(words, request.similarities) : words;
  const lower = question.toLowerCase();
  const share = strategy && strategy !== 'most_complete' ? STRATEGY_SHARE : QUALITY_SHARE;
  const all = index.tools
    .map((tool, at): ShortlistedTool => {
      const rated = rateTool(tool, relevances[at] as number, rules);
      const relevant = (relevances[at] as number) + (rated.factors.intent ? INTENT_RELEVANCE : 0);
      const quality = QUALITY[strategy ?? 'most_complete'](rated);
      return {
        ...rated,
        fit: relevant * (1 - share + share * quality),
        words: words[at] as number,
        similarity: request.similarities?.[at] ?? null,
        named: nameOccursIn(lower, tool.name),
      };
    })
    .sort(
      (a, b) =>
        Number(isOpen(a) && !a.named) - Number(isOpen(b) && !b.named) ||
        Number(b.named) - Number(a.named) ||
        b.fit - a.fit ||
        b.score - a.score ||
        (a.tool.name < b.tool.name ? -1 : 1),
    );
  if (request.withOpen) return all;
  const probed = toProbe(all, request.takeProbeTurn);
  return all.filter((each) => each.named || each.factors.breaker === 'closed' || probed.has(each));
}

/** The tools that have rested and are tried now. A turn is taken for each of them: nobody else gets it for a while. */
function toProbe(
  all: readonly ShortlistedTool[],
  takeTurn: ShortlistRequest['takeProbeTurn'],
): ReadonlySet<ShortlistedTool> {
  const probed = new Set<ShortlistedTool>();
  for (const each of all.slice(0, PROBED)) {
    const rested = each.factors.breaker === 'half_open' && !each.named && each.fit > 0;
    if (rested && takeTurn?.(each.tool.name)) probed.add(each);
  }
  return probed;
}

function isOpen({ factors }: RankedTool): boolean {
  return factors.breaker === 'open';
}

/** What a strategy looks at, from 0 to 1. */
const QUALITY: Record<SelectorStrategy, (rated: RankedTool) => number> = {
  fastest: ({ factors }) => (factors.cached ? 1 : 1 / (1 + factors.est_ms / 1000)),
  most_accurate: ({ factors }) => factors.accuracy,
  most_complete: ({ score }) => score,
  least_load: ({ factors }) => 1 - factors.load,
};

/** By the places in both orders; 1 for a tool that leads both. */
function fuse(words: Float64Array, similarities: Float64Array): Float64Array {
  const [a, b] = [placesOf(words), placesOf(similarities)];
  return words.map((_, at) => {
    const byWords = words[at] === 0 ? 0 : 1 / (FUSION_K + (a[at] as number));
    return ((byWords + 1 / (FUSION_K + (b[at] as number))) * FUSION_K) / 2;
  });
}

/** Equal ones share the last of their places: what stands out from nothing is no find. */
function placesOf(values: Float64Array): Float64Array {
  const places = new Float64Array(values.length);
  const order = Array.from(values.keys()).sort((x, y) => (values[y] as number) - (values[x] as number));
  let last = order.length - 1;
  for (let place = last; place >= 0; place -= 1) {
    const at = order[place] as number;
    if (values[at] !== values[order[last] as number]) last = place;
    places[at] = last;
  }
  return places;
}
