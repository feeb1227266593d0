import type { Usage } from '@planyard/contracts';
import type { ModelName } from './model-name.ts';

/** USD for a million tokens. */
export interface Price {
  input: number;
  cached: number;
  output: number;
}

/** Prices by `provider/model`; `provider/*` stands for every model of a provider. */
export interface PriceTable {
  /** The day the prices were read from the providers' pages. */
  as_of: string;
  prices: Record<string, Price>;
}

const FREE: Price = { input: 0, cached: 0, output: 0 };

export const PRICES: PriceTable = {
  as_of: '2025-08-07',
  prices: {
    'openai/gpt-4o': { input: 2.5, cached: 1.25, output: 10 },
    'openai/gpt-4o-mini': { input: 0.15, cached: 0.075, output: 0.6 },
    'openai/gpt-4.1': { input: 2, cached: 0.5, output: 8 },
    'openai/gpt-4.1-mini': { input: 0.4, cached: 0.1, output: 1.6 },
    'openai/gpt-4.1-nano': { input: 0.1, cached: 0.025, output: 0.4 },
    'openai/gpt-5': { input: 1.25, cached: 0.125, output: 10 },
    'openai/gpt-5-mini': { input: 0.25, cached: 0.025, output: 2 },
    'openai/gpt-5-nano': { input: 0.05, cached: 0.005, output: 0.4 },
    // They run on the user's own machines: nobody charges by token.
    'ollama/*': FREE,
    'vllm/*': FREE,
  },
};

/** USD for that usage; null when the model has no known price. */
export function costOf(table: PriceTable, name: ModelName, usage: Usage): number | null {
  const price = table.prices[`${name.provider}/${name.model}`] ?? table.prices[`${name.provider}/*`];
  if (!price) return null;
  const cached = Math.min(usage.cached_tokens, usage.input_tokens);
  const fresh = usage.input_tokens - cached;
  return (fresh * price.input + cached * price.cached + usage.output_tokens * price.output) / 1e6;
}
