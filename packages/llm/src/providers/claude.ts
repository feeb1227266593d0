import type { ChatRequest } from '../contract.ts';
import { atMostHigh } from './effort.ts';

/** What a generation of Claude takes, from Anthropic or from Bedrock. Sources: Anthropic's pages on thinking, structured outputs, prompt caching, and the migration to API version 2026-10-21. */
export interface ClaudeTraits {
  /** `temperature` and `top_p`: refused by 4.7 and later. */
  sampling: boolean;
  /** By effort from 4.6 on; by a budget of tokens from 3.7 on. */
  thinking: 'adaptive' | 'budget' | 'none';
  /** Whether replies can be held to a JSON schema. */
  output: boolean;
  /** Whether a prefix of the prompt can be cached. */
  caching: boolean;
  /** The limit of the output where a request sets none: the API wants one. */
  max_tokens: number;
}

/** By the version in a model's id, `claude-3-5-haiku-20241022` or `eu.anthropic.claude-opus-4-5-20251101-v1:0`; an id without one counts as the newest. */
export function claudeTraits(model: string): ClaudeTraits {
  const version = versionOf(model);
  return {
    sampling: version < 4.7,
    thinking: version >= 4.6 ? 'adaptive' : version >= 3.7 ? 'budget' : 'none',
    output: version >= 4.5,
    caching: version >= 3.5,
    max_tokens: version >= 4 ? 32_000 : version >= 3.5 ? 8_192 : 4_096,
  };
}

function versionOf(model: string): number {
  const [major, minor = '0'] = [...model.matchAll(/-(\d{1,2})(?=[-.@:]|$)/g)].map((match) => match[1]);
  return major === undefined ? Number.POSITIVE_INFINITY : Number(`${major}.${minor}`);
}

export type ClaudeThinking =
  | { type: 'adaptive'; effort: 'low' | 'medium' | 'high' }
  | { type: 'enabled'; budget_tokens: number };

const BUDGETS = { low: 2_048, medium: 8_192, high: 16_384 };

/** How the model is to think; null for not at our wish. A forced tool excludes thinking, and a conversation with tool calls must bring the signed reasoning back for the older form. */
export function thinkingOf(
  request: ChatRequest,
  traits: ClaudeTraits,
  maxTokens: number,
): ClaudeThinking | null {
  const { tool_choice: choice } = request;
  const effort = atMostHigh(request.reasoning_effort);
  if (effort === undefined || effort === 'none' || traits.thinking === 'none') return null;
  if (choice === 'required' || typeof choice === 'object') return null;
  if (traits.thinking === 'adaptive')
    return { type: 'adaptive', effort: effort === 'minimal' ? 'low' : effort };
  const unsigned = request.messages.some(
    (message) => message.role === 'assistant' && message.tool_calls?.length && !message.reasoning?.length,
  );
  // The budget is part of the limit, and at least 1,024.
  if (effort === 'minimal' || unsigned || maxTokens <= 2_048) return null;
  return { type: 'enabled', budget_tokens: Math.min(BUDGETS[effort], Math.floor(maxTokens / 2)) };
}
