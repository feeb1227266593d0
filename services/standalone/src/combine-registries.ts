import { AggregatorRegistry, Registry } from 'prom-client';

/** One page of metrics from the registries of several services; their `service` label tells them apart. */
export function combineRegistries(
  registries: readonly Registry[],
): Pick<Registry, 'metrics' | 'contentType'> {
  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    metrics: async () => {
      const pages = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()));
      return await AggregatorRegistry.aggregate(pages).metrics();
    },
  };
}
