import type { ModelUsage, Usage } from '@planyard/contracts';

/** What was used of each model. A sum with an unknown price in it is unknown. */
export function usageByModel(used: readonly ModelUsage[]): ModelUsage[] {
  const models = Map.groupBy(used, ({ provider, model }) => `${provider}/${model}`);
  return [...models.values()].map((group) => {
    const { provider, model } = group[0] as ModelUsage;
    return {
      provider,
      model,
      calls: group.reduce((calls, each) => calls + each.calls, 0),
      usage: sumUsage(group),
      cost_usd: group.some(({ cost_usd }) => cost_usd === null)
        ? null
        : group.reduce((sum, { cost_usd }) => sum + (cost_usd ?? 0), 0),
    };
  });
}

/** All tokens, of whatever model. */
export function sumUsage(used: readonly Pick<ModelUsage, 'usage'>[]): Usage {
  const sum = (of: (usage: Usage) => number) => used.reduce((total, { usage }) => total + of(usage), 0);
  return {
    input_tokens: sum((usage) => usage.input_tokens),
    output_tokens: sum((usage) => usage.output_tokens),
    cached_tokens: sum((usage) => usage.cached_tokens),
    cache_write_tokens: sum((usage) => usage.cache_write_tokens),
    reasoning_tokens: sum((usage) => usage.reasoning_tokens),
    estimated: used.some(({ usage }) => usage.estimated),
  };
}
