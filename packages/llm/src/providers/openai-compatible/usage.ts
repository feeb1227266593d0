import type { Usage } from '@planyard/contracts';

interface Told {
  prompt_tokens?: number;
  completion_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number } | null;
  completion_tokens_details?: { reasoning_tokens?: number } | null;
}

/** The usage of a reply; null where it tells none. */
export function usageOf(told: unknown): Usage | null {
  if (told === null || typeof told !== 'object') return null;
  const usage = told as Told;
  return {
    input_tokens: usage.prompt_tokens ?? 0,
    output_tokens: usage.completion_tokens ?? 0,
    cached_tokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    cache_write_tokens: 0,
    reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    estimated: false,
  };
}
