import { fitsPattern, type Usage } from '@planyard/contracts';
import type { Price, PriceInput } from './config/price.ts';
import { Price as PriceSchema } from './config/price.ts';
import { formatModelName, type ModelName } from './model-name.ts';

/** Prices by `provider/model`; `*` stands for any text, and the longest name that fits holds. */
export interface PriceTable {
  /** The day the prices were read from the providers' pages. */
  as_of: string;
  prices: Record<string, Price>;
}

/** How a call is served: `batch` is what providers do at their leisure for less. */
export type ServiceTier = 'standard' | 'batch';

const FREE: PriceInput = { input: 0 };

/** Half of everything, as OpenAI, Anthropic and Bedrock charge a batch. */
function withBatch(price: PriceInput): PriceInput {
  const { input, output = 0, cached, cache_write } = price;
  const half = { input: input / 2, output: output / 2 };
  return {
    ...price,
    batch: {
      ...half,
      ...(cached === undefined ? {} : { cached: cached / 2 }),
      ...(cache_write === undefined ? {} : { cache_write: cache_write / 2 }),
    },
  };
}

function size(context_tokens: number, max_output_tokens: number) {
  return { context_tokens, max_output_tokens };
}

const OPUS = {
  ...withBatch({ input: 15, cached: 1.5, cache_write: 18.75, output: 75 }),
  ...size(200_000, 32_000),
};
const SONNET = {
  ...withBatch({ input: 3, cached: 0.3, cache_write: 3.75, output: 15 }),
  ...size(200_000, 64_000),
};
const HAIKU_4 = {
  ...withBatch({ input: 1, cached: 0.1, cache_write: 1.25, output: 5 }),
  ...size(200_000, 64_000),
};
const HAIKU_3_5 = {
  ...withBatch({ input: 0.8, cached: 0.08, cache_write: 1, output: 4 }),
  ...size(200_000, 8_192),
};
const HAIKU_3 = {
  ...withBatch({ input: 0.25, cached: 0.03, cache_write: 0.3, output: 1.25 }),
  ...size(200_000, 4_096),
};

export const PRICES: PriceTable = {
  as_of: '2025-10-15',
  prices: parsed({
    'openai/gpt-4o': { ...withBatch({ input: 2.5, cached: 1.25, output: 10 }), ...size(128_000, 16_384) },
    'openai/gpt-4o-mini': {
      ...withBatch({ input: 0.15, cached: 0.075, output: 0.6 }),
      ...size(128_000, 16_384),
    },
    'openai/gpt-4.1': { ...withBatch({ input: 2, cached: 0.5, output: 8 }), ...size(1_047_576, 32_768) },
    'openai/gpt-4.1-mini': {
      ...withBatch({ input: 0.4, cached: 0.1, output: 1.6 }),
      ...size(1_047_576, 32_768),
    },
    'openai/gpt-4.1-nano': {
      ...withBatch({ input: 0.1, cached: 0.025, output: 0.4 }),
      ...size(1_047_576, 32_768),
    },
    'openai/gpt-5': { ...withBatch({ input: 1.25, cached: 0.125, output: 10 }), ...size(400_000, 128_000) },
    'openai/gpt-5-mini': {
      ...withBatch({ input: 0.25, cached: 0.025, output: 2 }),
      ...size(400_000, 128_000),
    },
    'openai/gpt-5-nano': {
      ...withBatch({ input: 0.05, cached: 0.005, output: 0.4 }),
      ...size(400_000, 128_000),
    },
    'openai/o3': { ...withBatch({ input: 2, cached: 0.5, output: 8 }), ...size(200_000, 100_000) },
    'openai/o4-mini': { ...withBatch({ input: 1.1, cached: 0.275, output: 4.4 }), ...size(200_000, 100_000) },
    'openai/text-embedding-3-small': withBatch({ input: 0.02 }),
    'openai/text-embedding-3-large': withBatch({ input: 0.13 }),
    'anthropic/claude-opus-4*': OPUS,
    'anthropic/claude-sonnet-4*': SONNET,
    'anthropic/claude-haiku-4*': HAIKU_4,
    'anthropic/claude-3-7-sonnet*': SONNET,
    'anthropic/claude-3-5-sonnet*': { ...SONNET, max_output_tokens: 8_192 },
    'anthropic/claude-3-5-haiku*': HAIKU_3_5,
    'anthropic/claude-3-opus*': { ...OPUS, max_output_tokens: 4_096 },
    'anthropic/claude-3-haiku*': HAIKU_3,
    // Inference profiles put a region before the model's name, versions come after it.
    'bedrock/*anthropic.claude-opus-4*': OPUS,
    'bedrock/*anthropic.claude-sonnet-4*': SONNET,
    'bedrock/*anthropic.claude-haiku-4*': HAIKU_4,
    'bedrock/*anthropic.claude-3-7-sonnet*': SONNET,
    'bedrock/*anthropic.claude-3-5-sonnet*': { ...SONNET, max_output_tokens: 8_192 },
    'bedrock/*anthropic.claude-3-5-haiku*': HAIKU_3_5,
    'bedrock/*anthropic.claude-3-haiku*': HAIKU_3,
    'bedrock/*amazon.nova-micro*': {
      ...withBatch({ input: 0.035, cached: 0.00875, output: 0.14 }),
      ...size(128_000, 5_000),
    },
    'bedrock/*amazon.nova-lite*': {
      ...withBatch({ input: 0.06, cached: 0.015, output: 0.24 }),
      ...size(300_000, 5_000),
    },
    'bedrock/*amazon.nova-pro*': {
      ...withBatch({ input: 0.8, cached: 0.2, output: 3.2 }),
      ...size(300_000, 5_000),
    },
    'bedrock/amazon.titan-embed-text-v1': { input: 0.1 },
    'bedrock/amazon.titan-embed-text-v2*': { input: 0.02 },
    // They run on the user's own machines: nobody charges by token.
    'ollama/*': FREE,
    'vllm/*': FREE,
  }),
};

/** A model's price; null when none is known. */
export function priceOf(table: PriceTable, name: ModelName): Price | null {
  const id = formatModelName(name);
  // A dated snapshot costs what its model costs.
  const exact = table.prices[id] ?? table.prices[id.replace(/-\d{4}-\d{2}-\d{2}$/, '')];
  if (exact) return exact;
  const fitting = Object.keys(table.prices).filter(
    (pattern) => pattern.includes('*') && fitsPattern(pattern, id),
  );
  const [closest] = fitting.toSorted((a, b) => b.length - a.length);
  return closest === undefined ? null : (table.prices[closest] ?? null);
}

/** USD for that usage; null when the model has no known price. */
export function costOf(table: PriceTable, name: ModelName, usage: Usage, tier: ServiceTier): number | null {
  const price = priceOf(table, name);
  if (!price) return null;
  const { input, output, cached = input, cache_write = input, reasoning = output } = ratesOf(price, tier);
  const read = Math.min(usage.cached_tokens, usage.input_tokens);
  const written = Math.min(usage.cache_write_tokens, usage.input_tokens - read);
  const thought = Math.min(usage.reasoning_tokens, usage.output_tokens);
  return (
    ((usage.input_tokens - read - written) * input +
      read * cached +
      written * cache_write +
      (usage.output_tokens - thought) * output +
      thought * reasoning) /
    1e6
  );
}

/** The most that a token of input and one of output can cost, in USD. */
export function dearest(price: Price, tier: ServiceTier): { input: number; output: number } {
  const { input, output, cache_write = 0, reasoning = 0 } = ratesOf(price, tier);
  return { input: Math.max(input, cache_write) / 1e6, output: Math.max(output, reasoning) / 1e6 };
}

function ratesOf(price: Price, tier: ServiceTier) {
  return tier === 'batch' ? (price.batch ?? price) : price;
}

function parsed(prices: Record<string, PriceInput>): Record<string, Price> {
  return Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, PriceSchema.parse(price)]));
}
