import { type AuditSettings, DEFAULT_AUDIT } from './config/audit.ts';
import { type BreakerSettings, DEFAULT_BREAKER } from './config/breaker.ts';
import { type CacheSettings, DEFAULT_CACHE } from './config/cache.ts';
import type { Limit, ModelBudget } from './config/limit.ts';
import { DEFAULT_RETRIES, type Retries } from './config/retries.ts';
import type { Route } from './config/route.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from './config/timeouts.ts';
import type { Provider } from './contract.ts';
import { PRICES } from './price-table.ts';
import type { PriceTable } from './prices.ts';

/** What the policies go by. A call keeps those that it began with. */
export interface ModelSettings {
  providers: Provider[];
  routes: Record<string, Route>;
  prices: PriceTable;
  timeouts: Timeouts;
  /** By provider, over `timeouts`. */
  provider_timeouts: Record<string, Partial<Timeouts>>;
  retries: Retries;
  breaker: BreakerSettings;
  cache: CacheSettings;
  audit: AuditSettings;
  limits: Limit[];
  budgets: ModelBudget[];
  /** How long a call waits for what others have reserved of a budget. */
  budget_patience_ms: number;
}

/** Settings with defaults for all that is not given. */
export function modelSettings(
  given: Partial<ModelSettings> & Pick<ModelSettings, 'providers'>,
): ModelSettings {
  return {
    prices: PRICES,
    timeouts: DEFAULT_TIMEOUTS,
    provider_timeouts: {},
    retries: DEFAULT_RETRIES,
    breaker: DEFAULT_BREAKER,
    cache: DEFAULT_CACHE,
    audit: DEFAULT_AUDIT,
    limits: [],
    budgets: [],
    budget_patience_ms: 10_000,
    ...given,
    // Looked up by names that callers give: `constructor` is none that every object has.
    routes: Object.assign(Object.create(null), given.routes),
  };
}
