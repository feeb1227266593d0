import type { Usage } from '@planyard/contracts';
import { toldUsage } from '../told-usage.ts';

interface Reply {
  usage?: unknown;
  service_tier?: unknown;
}

interface Told {
  prompt_tokens?: unknown;
  completion_tokens?: unknown;
  prompt_tokens_details?: { cached_tokens?: unknown; cache_write_tokens?: unknown } | null;
  completion_tokens_details?: { reasoning_tokens?: unknown } | null;
}

/** The usage of a reply, or of a chunk, with how it was served; null where it tells none. */
export function usageOf({ usage: told, service_tier: tier }: Reply): Usage | null {
  if (told === null || typeof told !== 'object') return null;
  const figures = told as Told;
  const usage = toldUsage({
    input_tokens: figures.prompt_tokens,
    output_tokens: figures.completion_tokens,
    cached_tokens: figures.prompt_tokens_details?.cached_tokens,
    cache_write_tokens: figures.prompt_tokens_details?.cache_write_tokens,
    reasoning_tokens: figures.completion_tokens_details?.reasoning_tokens,
  });
  return usage && typeof tier === 'string' ? { ...usage, service_tier: tier } : usage;
}
