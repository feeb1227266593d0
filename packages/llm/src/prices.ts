import { fitsPattern, type Usage } from '@planyard/contracts';
import type { Price } from './config/price.ts';
import { formatModelName, type ModelName } from './model-name.ts';

/** Prices by `provider/model`; `*` stands for any text, and the longest name that fits holds. */
export interface PriceTable {
  /** The day of the lists that they were read from. */
  as_of: string;
  prices: Record<string, Price>;
}

/** How a call is served: `batch` is what providers do at their leisure for less, `priority` before others for more. */
export type ServiceTier = 'standard' | 'batch' | 'priority';

/** How a call may be reserved: what is asked to cost less may be served at the usual price all the same. */
export type AskedTier = Exclude<ServiceTier, 'batch'>;

const USUAL = ['auto', 'default', 'standard', 'on_demand', 'flex', 'batch'];

/** What a `service_tier` of OpenAI's protocol asks for at most: one that we do not know may be dear. */
export function askedTier(said: unknown): AskedTier {
  return said == null || USUAL.includes(said as string) ? 'standard' : 'priority';
}

/** How a call was served, by the word of who served it; without one, as it was asked for. */
export function servedTier(told: string | undefined, asked: AskedTier): ServiceTier {
  switch (told) {
    // OpenAI charges its flexible service as it does a batch.
    case 'flex':
    case 'batch':
      return 'batch';
    case 'priority':
      return 'priority';
    case 'default':
    case 'standard':
      return 'standard';
    default:
      return asked;
  }
}

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

/** How many times as much a model costs at that service; null where nobody says. */
export function timesOf({ priority, input, output }: Price, tier: ServiceTier): number | null {
  if (tier !== 'priority') return 1;
  return priority ?? (input + output === 0 ? 1 : null);
}

/** USD for that usage; null without a price. */
export function costOf(price: Price | null, usage: Usage, tier: ServiceTier): number | null {
  const times = price && timesOf(price, tier);
  if (price === null || times === null) return null;
  const {
    input,
    output,
    cached = input,
    cache_write = input,
    reasoning = output,
  } = ratesOf(price, tier, usage.input_tokens);
  const read = Math.min(usage.cached_tokens, usage.input_tokens);
  const written = Math.min(usage.cache_write_tokens, usage.input_tokens - read);
  const thought = Math.min(usage.reasoning_tokens, usage.output_tokens);
  return (
    (((usage.input_tokens - read - written) * input +
      read * cached +
      written * cache_write +
      (usage.output_tokens - thought) * output +
      thought * reasoning) *
      times) /
    1e6
  );
}

/** The most that a token of input and one of output can cost after so much input, in USD. */
export function dearest(
  price: Price,
  tier: ServiceTier,
  inputTokens: number,
): { input: number; output: number } {
  const { input, output, cache_write = 0, reasoning = 0 } = ratesOf(price, tier, inputTokens);
  const times = (timesOf(price, tier) ?? 1) / 1e6;
  return { input: Math.max(input, cache_write) * times, output: Math.max(output, reasoning) * times };
}

function ratesOf({ long, ...price }: Price, tier: ServiceTier, inputTokens: number) {
  const rates = long && inputTokens > long.over_tokens ? long : price;
  return tier === 'batch' ? (rates.batch ?? rates) : rates;
}
