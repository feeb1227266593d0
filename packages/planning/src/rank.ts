import type { BreakerState, SelectorStrategy, ToolManifest } from '@planyard/contracts';
import { type IntentRules, intentsOf } from './intents.ts';
import type { LiveFigures } from './live-figures.ts';
import { PRIOR_MS } from './prior-ms.ts';
import { contentWords } from './words.ts';

export interface RankedTool {
  tool: ToolManifest;
  /** 0 to 1. */
  score: number;
  /** How much of the question the tool is about, and 1 for a served intent. */
  relevance: number;
  factors: {
    accuracy: number;
    est_ms: number;
    cached: boolean;
    load: number;
    intent: boolean;
    breaker: BreakerState;
  };
}

export interface RankRequest {
  question: string;
  intents: readonly string[];
  tools: readonly ToolManifest[];
  /** Without one the score alone orders. */
  strategy?: SelectorStrategy;
  live?: (tool: string) => LiveFigures;
  /** Where an agent brings intents of its own. */
  rules?: IntentRules;
}

/**
 * The relevant tools, best first; a tool whose breaker is open is none. A tool is relevant when it serves one of the
 * intents or shares a word with the question.
 * Score: 0.30 accuracy + 0.25/(1 + est_ms/1000) + 0.15·(0.5 if cached) + 0.20·(1 − load) + 0.10 if it serves an intent, capped at 1.
 */
export function rankTools(request: RankRequest): RankedTool[] {
  const words = contentWords(request.question);
  const ranked = request.tools
    .map((tool) => {
      const own = contentWords(`${tool.name} ${tool.description}`);
      return rateTool(tool, [...words].filter((word) => own.has(word)).length, request);
    })
    .filter((each) => each.relevance > 0 && each.factors.breaker !== 'open');
  const compare = request.strategy ? ORDER[request.strategy] : byScore;
  return ranked.sort((a, b) => compare(a, b) || byScore(a, b) || a.tool.name.localeCompare(b.tool.name));
}

/** Every factor of one tool, whatever its relevance. */
export function rateTool(
  tool: ToolManifest,
  shared: number,
  { intents, live, rules }: Pick<RankRequest, 'intents' | 'live' | 'rules'>,
): RankedTool {
  const figures = live?.(tool.name) ?? {};
  const factors = {
    accuracy: figures.accuracy ?? tool.profile.accuracy,
    est_ms: figures.est_ms ?? PRIOR_MS[tool.profile.complexity],
    cached: figures.cached ?? false,
    load: figures.load ?? 0,
    intent: intents.length > 0 && intentsOf(tool.name, rules).some((intent) => intents.includes(intent)),
    breaker: figures.breaker ?? 'closed',
  };
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
