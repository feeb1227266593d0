import type { Complexity, SelectorStrategy, ToolManifest } from '@planyard/contracts';
import { type Intent, intentsOf } from './intents.ts';
import { contentWords } from './words.ts';

/** Milliseconds a call takes, by the profile's complexity, until there are figures of its own. */
export const PRIOR_MS: Record<Complexity, number> = {
  very_low: 20,
  low: 60,
  medium: 150,
  high: 400,
  very_high: 1500,
};

/** What is known of a tool beyond its manifest; each figure falls back to the manifest's prior. */
export interface LiveFigures {
  est_ms?: number;
  accuracy?: number;
  cached?: boolean;
  /** Share of its workers that are busy: 0 idle, 1 full. */
  load?: number;
}

export interface RankedTool {
  tool: ToolManifest;
  /** 0 to 1. */
  score: number;
  /** Words of the question that the tool's name and description share, and 1 for a served intent. */
  relevance: number;
  factors: { accuracy: number; est_ms: number; cached: boolean; load: number; intent: boolean };
}

export interface RankRequest {
  question: string;
  intents: readonly Intent[];
  tools: readonly ToolManifest[];
  /** Without one the score alone orders. */
  strategy?: SelectorStrategy;
  live?: (tool: string) => LiveFigures;
}

/**
 * The relevant tools, best first. A tool is relevant when it serves one of the intents or shares a word with the question.
 * Score: 0.30 accuracy + 0.25/(1 + est_ms/1000) + 0.15·(0.5 if cached) + 0.20·(1 − load) + 0.10 if it serves an intent, capped at 1.
 */
export function rankTools(request: RankRequest): RankedTool[] {
  const words = contentWords(request.question);
  const ranked = request.tools
    .map((tool) => rankTool(tool, words, request.intents, request.live?.(tool.name) ?? {}))
    .filter((each) => each.relevance > 0);
  const compare = request.strategy ? ORDER[request.strategy] : byScore;
  return ranked.sort((a, b) => compare(a, b) || byScore(a, b) || a.tool.name.localeCompare(b.tool.name));
}

function rankTool(
  tool: ToolManifest,
  words: Set<string>,
  intents: readonly Intent[],
  live: LiveFigures,
): RankedTool {
  const factors = {
    accuracy: live.accuracy ?? tool.profile.accuracy,
    est_ms: live.est_ms ?? PRIOR_MS[tool.profile.complexity],
    cached: live.cached ?? false,
    load: live.load ?? 0,
    intent: intentsOf(tool.name).some((intent) => intents.includes(intent)),
  };
  const own = contentWords(`${tool.name} ${tool.description}`);
  const shared = [...words].filter((word) => own.has(word)).length;
  const score =
    0.3 * factors.accuracy +
    0.25 / (1 + factors.est_ms / 1000) +
    0.15 * (factors.cached ? 0.5 : 0) +
    0.2 * (1 - factors.load) +
    (factors.intent ? 0.1 : 0);
  return { tool, score: Math.min(1, score), relevance: shared + (factors.intent ? 1 : 0), factors };
}

type Compare = (a: RankedTool, b: RankedTool) => number;

const byScore: Compare = (a, b) => b.score - a.score;

/** What each strategy puts before the score. */
const ORDER: Record<SelectorStrategy, Compare> = {
  fastest: (a, b) =>
    Number(b.factors.cached) - Number(a.factors.cached) || a.factors.est_ms - b.factors.est_ms,
  most_accurate: (a, b) => b.factors.accuracy - a.factors.accuracy,
  most_complete: (a, b) => b.relevance - a.relevance,
  least_load: (a, b) => a.factors.load - b.factors.load,
};
