import type { InventoryCatalog } from '@planyard/contracts';

/** Questions that the rules understand, made from what this inventory holds. */
export function examplesFor(catalog: InventoryCatalog): string[] {
  const ofType = (name: string | undefined) => catalog.items.find((item) => item.type === name)?.code;
  const [most, second] = catalog.types;
  const item = ofType(second?.name) ?? ofType(most?.name);
  const metric = catalog.metrics.find(({ name }) => name.includes('cpu')) ?? catalog.metrics[0];
  const event = catalog.event_types.find((type) => /incident|outage/.test(type)) ?? catalog.event_types[0];
  return [
    ...(most ? [`how many items of type ${most.name} are there by owner?`] : []),
    ...(item ? [`tell me about ${item}`] : []),
    ...(item && catalog.relation_types.length > 0 ? [`what depends on ${item}?`] : []),
    ...(metric && most ? [`which items have the highest ${metric.name} in the last 24 hours?`] : []),
    ...(event ? [`what changed before the last ${event.replaceAll('_', ' ')}?`] : []),
  ];
}
