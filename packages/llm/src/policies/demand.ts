import type { ChatRequest, EmbedRequest } from '../contract.ts';
import { type AskedTier, askedTier } from '../prices.ts';
import { type Picture, pictureTokens } from '../tokens/picture-tokens.ts';
import { picturesOf, textTokens, textTokensAtMost } from '../tokens/request-tokens.ts';

/** What a call may use. */
export interface Demand {
  /** Of the dearest of these models, counted only where something depends on it. */
  input_tokens: (models: string[]) => Promise<number>;
  /** No fewer than those, without counting. */
  input_tokens_at_most: (models: string[]) => number;
  /** What the caller allows an answer; null: nothing said. 0 for what has none. */
  max_tokens: number | null;
  /** How many answers are made at once, whether all of them are given or the best of them. */
  answers: number;
  /** Of models that speak OpenAI's protocol; others are not told. */
  tier: AskedTier;
  /** The field by which such a model is asked for what no price tells, such as a search; null for none. */
  unpriced: string | null;
}

/** What of a request in OpenAI's words says what it may use. */
interface Said {
  max_tokens?: number | null | undefined;
  n?: unknown;
  best_of?: unknown;
  service_tier?: unknown;
  tools?: unknown;
  web_search_options?: unknown;
  modalities?: unknown;
  audio?: unknown;
}

/** What a chat request may use. The request is made when its tokens must be counted. */
export function chatDemand(said: Said, request: () => ChatRequest): Demand {
  let counted: Promise<number> | null = null;
  let atMost: number | null = null;
  let pictures: Picture[] | null = null;
  const pictured = (models: string[]) => {
    pictures ??= picturesOf(request());
    return pictureTokens(pictures, models);
  };
  return {
    async input_tokens(models) {
      counted ??= textTokens(request());
      return (await counted) + pictured(models);
    },
    input_tokens_at_most(models) {
      atMost ??= textTokensAtMost(request());
      return atMost + pictured(models);
    },
    max_tokens: said.max_tokens ?? null,
    answers: Math.max(answersIn(said.n), answersIn(said.best_of)),
    tier: askedTier(said.service_tier),
    unpriced: unpricedIn(said),
  };
}

/** Some servers take a number that is written as a text. */
function answersIn(said: unknown): number {
  return Math.min(Math.max(1, Math.ceil(Number(said)) || 1), Number.MAX_SAFE_INTEGER);
}

/** Searches are charged by their number, sounds and pictures at prices of their own, and so is what a provider's own tools do. */
function unpricedIn({ web_search_options: search, audio, modalities, tools }: Said): string | null {
  if (search != null) return 'web_search_options';
  if (audio != null) return 'audio';
  if (Array.isArray(modalities) && modalities.some((each) => each !== 'text')) return 'modalities';
  return Array.isArray(tools) && tools.some(runsElsewhere) ? 'tools' : null;
}

function runsElsewhere(tool: { type?: unknown } | null | undefined): boolean {
  return tool?.type !== undefined && tool.type !== 'function' && tool.type !== 'custom';
}

/** What embeddings of these texts may use: they have no answer in tokens. */
export function embedDemand(input: EmbedRequest['input']): Demand {
  const texts = input.filter((each) => typeof each === 'string');
  const tokens = input.reduce((sum, each) => sum + (typeof each === 'string' ? 0 : each.length), 0);
  const request = (): ChatRequest => ({ messages: [{ role: 'user', content: texts.join('\n') }] });
  const demand = chatDemand({ max_tokens: 0 }, request);
  // Who sends tokens has counted them.
  return tokens === 0
    ? demand
    : { ...demand, input_tokens: async () => tokens, input_tokens_at_most: () => tokens };
}
