import type { Usage } from '@planyard/contracts';
import { toldUsage } from '../told-usage.ts';

interface Told {
  prompt_tokens?: unknown;
  completion_tokens?: unknown;
  prompt_tokens_details?: { cached_tokens?: unknown; cache_write_tokens?: unknown } | null;
  completion_tokens_details?: { reasoning_tokens?: unknown } | null;
}

/** The usage of a reply; null where it tells none. */
export function usageOf(told: unknown): Usage | null {
  if (told === null || typeof told !== 'object') return null;
  const usage = told as Told;
  return toldUsage({
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    cached_tokens: usage.prompt_tokens_details?.cached_tokens,
    cache_write_tokens: usage.prompt_tokens_details?.cache_write_tokens,
    reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens,
  });
}
