import type { Usage } from '@planyard/contracts';

/** More than any call uses; sums of what is below stay exact. */
const MOST_TOKENS = 1e12;

type Figures = Omit<Usage, 'estimated' | 'service_tier'>;

/**
 * What a provider says that a call has used; null where one of the figures is no count of tokens, so that the call is counted
 * by us. A figure that is not told is 0.
 */
export function toldUsage(figures: { [figure in keyof Figures]?: unknown }): Usage | null {
  const usage = {
    input_tokens: figures.input_tokens ?? 0,
    output_tokens: figures.output_tokens ?? 0,
    cached_tokens: figures.cached_tokens ?? 0,
    cache_write_tokens: figures.cache_write_tokens ?? 0,
    reasoning_tokens: figures.reasoning_tokens ?? 0,
  };
  return isCounts(usage) ? { ...usage, estimated: false } : null;
}

function isCounts(figures: Record<keyof Figures, unknown>): figures is Figures {
  return Object.values(figures).every(
    (figure) => Number.isInteger(figure) && (figure as number) >= 0 && (figure as number) <= MOST_TOKENS,
  );
}
