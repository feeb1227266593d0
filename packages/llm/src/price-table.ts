import { Price, type PriceInput } from './config/price.ts';
import type { PriceTable } from './prices.ts';

/** What a model costs, input and output first, for a million tokens in USD. */
type Rates = Pick<PriceInput, 'input' | 'output' | 'cached' | 'cache_write' | 'reasoning'>;

function times(rates: Rates, input: number, output = input): Rates {
  const by = { input, cached: input, cache_write: input, output, reasoning: output };
  return Object.fromEntries(
    Object.entries(rates).map(([name, usd]) => [name, Number((usd * by[name as keyof Rates]).toFixed(6))]),
  ) as Rates;
}

/** Half of everything, as OpenAI, Anthropic, Google and Bedrock charge a batch. */
const withBatch = (rates: Rates) => ({ ...rates, batch: times(rates, 0.5) });

interface Size {
  context_tokens: number;
  max_output_tokens: number;
}

const size = (context_tokens: number, max_output_tokens: number): Size => ({
  context_tokens,
  max_output_tokens,
});

const model = (rates: Rates, size: Size): PriceInput => ({ ...withBatch(rates), ...size });

/** Dearer as a whole once its input is long. */
const tiered = (
  rates: Rates,
  size: Size,
  [over_tokens, input, output]: [over_tokens: number, input: number, output: number],
): PriceInput => ({
  ...model(rates, size),
  long: { over_tokens, ...withBatch(times(rates, input, output)) },
});

/** OpenAI: a cached token costs the third number. */
const rates = (input: number, output: number, cached?: number): Rates => ({
  input,
  output,
  ...(cached === undefined ? {} : { cached }),
});

/** Claude: a quarter more to write to its cache for five minutes, and a tenth to read it, or what is given. */
const claude = (input: number, output: number, cached = Number((input / 10).toFixed(6))): Rates => ({
  input,
  output,
  cached,
  cache_write: input * 1.25,
});

const K200 = 200_000;
const GPT_5 = size(400_000, 128_000);
const GPT_LONG = size(1_050_000, 128_000);
const GPT_4_1 = size(1_047_576, 32_768);
const O = size(K200, 100_000);
const CLAUDE_4 = size(K200, 64_000);
const CLAUDE_5 = size(1_000_000, 128_000);
const GEMINI = size(1_048_576, 65_535);
const OVER_272K: [number, number, number] = [272_000, 2, 1.5];
const OVER_200K: [number, number, number] = [K200, 2, 1.5];

const OPENAI: Record<string, PriceInput> = {
  'gpt-4o': model(rates(2.5, 10, 1.25), size(128_000, 16_384)),
  'gpt-4o-mini': model(rates(0.15, 0.6, 0.075), size(128_000, 16_384)),
  'gpt-4.1': model(rates(2, 8, 0.5), GPT_4_1),
  'gpt-4.1-mini': model(rates(0.4, 1.6, 0.1), GPT_4_1),
  'gpt-4.1-nano': model(rates(0.1, 0.4, 0.025), GPT_4_1),
  'gpt-5': model(rates(1.25, 10, 0.125), GPT_5),
  'gpt-5-chat-latest': model(rates(1.25, 10, 0.125), size(128_000, 16_384)),
  'gpt-5-codex': model(rates(1.25, 10, 0.125), GPT_5),
  'gpt-5-mini': model(rates(0.25, 2, 0.025), GPT_5),
  'gpt-5-nano': model(rates(0.05, 0.4, 0.005), GPT_5),
  'gpt-5-pro': model(rates(15, 120), GPT_5),
  'gpt-5.1': model(rates(1.25, 10, 0.125), GPT_5),
  'gpt-5.1-chat-latest': model(rates(1.25, 10, 0.125), size(128_000, 16_384)),
  'gpt-5.1-codex': model(rates(1.25, 10, 0.125), GPT_5),
  'gpt-5.1-codex-max': model(rates(1.25, 10, 0.125), GPT_5),
  'gpt-5.1-codex-mini': model(rates(0.25, 2, 0.025), GPT_5),
  'gpt-5.2': model(rates(1.75, 14, 0.175), GPT_5),
  'gpt-5.2-codex': model(rates(1.75, 14, 0.175), GPT_5),
  'gpt-5.2-pro': model(rates(21, 168), GPT_5),
  'gpt-5.4': tiered(rates(2.5, 15, 0.25), GPT_LONG, OVER_272K),
  'gpt-5.4-mini': model(rates(0.75, 4.5, 0.075), GPT_5),
  'gpt-5.4-nano': model(rates(0.2, 1.25, 0.02), GPT_5),
  'gpt-5.4-pro': tiered(rates(30, 180), GPT_LONG, OVER_272K),
  'gpt-5.5': tiered(rates(5, 30, 0.5), GPT_LONG, OVER_272K),
  'gpt-5.5-pro': tiered(rates(30, 180), GPT_LONG, OVER_272K),
  o3: model(rates(2, 8, 0.5), O),
  'o3-mini': model(rates(1.1, 4.4, 0.55), O),
  'o3-pro': model(rates(20, 80), O),
  'o4-mini': model(rates(1.1, 4.4, 0.275), O),
};

/** By the beginning of the model's id; what comes after it, a date and a version, changes nothing. */
const CLAUDE: Record<string, PriceInput> = {
  'claude-3-haiku': model({ ...claude(0.25, 1.25, 0.03), cache_write: 0.3 }, size(K200, 4_096)),
  'claude-3-opus': model(claude(15, 75), size(K200, 4_096)),
  'claude-3-5-haiku': model(claude(0.8, 4), size(K200, 8_192)),
  'claude-3-5-sonnet': model(claude(3, 15), size(K200, 8_192)),
  'claude-3-7-sonnet': model(claude(3, 15), CLAUDE_4),
  'claude-haiku-4': model(claude(1, 5), CLAUDE_4),
  'claude-sonnet-4': model(claude(3, 15), CLAUDE_4),
  'claude-opus-4': model(claude(15, 75), size(K200, 32_000)),
};

/** The same, from 4.5 on: where a profile of Bedrock keeps to a part of the world, it takes a tenth more of these. */
const NEWER_CLAUDE: Record<string, { rates: Rates; size: Size; long?: [number, number, number] }> = {
  'claude-haiku-4-5': { rates: claude(1, 5), size: CLAUDE_4 },
  'claude-sonnet-4-5': { rates: claude(3, 15), size: CLAUDE_4 },
  'claude-sonnet-4-6': { rates: claude(3, 15), size: size(1_000_000, 64_000) },
  'claude-opus-4-5': { rates: claude(5, 25), size: CLAUDE_4 },
  'claude-opus-4-6': { rates: claude(5, 25), size: CLAUDE_5 },
  'claude-opus-4-7': { rates: claude(5, 25), size: CLAUDE_5 },
  'claude-opus-4-8': { rates: claude(5, 25), size: CLAUDE_5 },
  'claude-opus-5': { rates: claude(5, 25), size: CLAUDE_5 },
  'claude-opus-5-5': { rates: claude(4, 20, 0.2), size: CLAUDE_5 },
  'claude-sonnet-5': { rates: claude(2, 10), size: CLAUDE_5 },
  'claude-sonnet-5-5': { rates: claude(2, 10, 0.1), size: CLAUDE_5 },
  'claude-haiku-5-5': { rates: claude(0.1, 0.5), size: CLAUDE_5, long: [100_000, 5, 5] },
  'claude-fable-5': { rates: claude(10, 50), size: CLAUDE_5 },
  'claude-fable-5-1': { rates: claude(10, 50, 0.25), size: CLAUDE_5 },
};

const GOOGLE: Record<string, PriceInput> = {
  'gemini-2.5-flash-lite': model(rates(0.1, 0.4, 0.01), GEMINI),
  'gemini-2.5-flash': model(rates(0.3, 2.5, 0.03), GEMINI),
  'gemini-2.5-pro': tiered(rates(1.25, 10, 0.125), GEMINI, OVER_200K),
  'gemini-3-flash-preview': model(rates(0.5, 3, 0.05), GEMINI),
  'gemini-3-pro-preview': tiered(rates(2, 12, 0.2), GEMINI, OVER_200K),
  'gemini-3.1-pro-preview': tiered(rates(2, 12, 0.2), GEMINI, OVER_200K),
};

const AMAZON: Record<string, PriceInput> = {
  'nova-micro': model(rates(0.035, 0.14, 0.00875), size(128_000, 5_000)),
  'nova-lite': model(rates(0.06, 0.24, 0.015), size(300_000, 5_000)),
  'nova-pro': model(rates(0.8, 3.2, 0.2), size(300_000, 5_000)),
};

const newer = (by = 1) =>
  Object.fromEntries(
    Object.entries(NEWER_CLAUDE).map(([id, { rates: base, size: of, long }]) => {
      const own = by === 1 ? base : times(base, by);
      return [id, long ? tiered(own, of, long) : model(own, of)];
    }),
  );

const named = (prices: Record<string, PriceInput>, name: (id: string) => string) =>
  Object.fromEntries(Object.entries(prices).map(([id, price]) => [name(id), price]));

/** OpenRouter writes a version of Claude with a dot: `claude-opus-4.5`, `claude-3.5-haiku`. */
const dotted = (id: string) => id.replace(/(\d)-(\d)/, '$1.$2');

/** They run on the user's own machines: nobody charges by token. */
const FREE = { input: 0 };

/**
 * What models cost, by simonw/llm-prices of the day and a copy of litellm's `model_prices_and_context_window.json` of
 * 2026-07-24; o3, of which the former has an older price, by the latter. Claude's agree with Anthropic's own page of prices;
 * those of 5 and 5.5 are of its pages of October 2026, their caches where those say less by what users published then.
 * Embeddings, and the caches of Nova, were read from their providers' pages on 2025-10-15.
 */
export const PRICES: PriceTable = {
  as_of: '2026-08-05',
  prices: parsed({
    ...named(OPENAI, (id) => `openai/${id}`),
    'openai/text-embedding-3-small': withBatch({ input: 0.02 }),
    'openai/text-embedding-3-large': withBatch({ input: 0.13 }),
    ...named({ ...CLAUDE, ...newer() }, (id) => `anthropic/${id}*`),
    // Inference profiles put a region before the model's name, versions come after it.
    ...named({ ...CLAUDE, ...newer(1.1) }, (id) => `bedrock/*anthropic.${id}*`),
    ...named(newer(), (id) => `bedrock/global.anthropic.${id}*`),
    ...named(AMAZON, (id) => `bedrock/*amazon.${id}*`),
    'bedrock/amazon.titan-embed-text-v1': { input: 0.1 },
    'bedrock/amazon.titan-embed-text-v2*': { input: 0.02 },
    // It charges what the model's own provider does.
    ...named(OPENAI, (id) => `openrouter/openai/${id}`),
    ...named({ ...CLAUDE, ...newer() }, (id) => `openrouter/anthropic/${dotted(id)}`),
    ...named(GOOGLE, (id) => `openrouter/google/${id}`),
    'ollama/*': FREE,
    'vllm/*': FREE,
  }),
};

function parsed(prices: Record<string, PriceInput>): Record<string, Price> {
  return Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, Price.parse(price)]));
}
