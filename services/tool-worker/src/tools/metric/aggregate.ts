import { defineTool, type ToolContext } from '@planyard/sdk';
import { sql } from 'kysely';
import { z } from 'zod';
import { Aggregation, aggregateOf, unitOf } from '../../inventory/aggregation.ts';
import { findMetric, MetricName } from '../../inventory/find-metric.ts';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { ItemName, itemRecords } from '../../inventory/item.ts';
import { ITEM_SCOPE, scopeItems } from '../../inventory/item-scope.ts';
import { RANGE_OUTPUT, rangeOutput, resolveRange, TimeRange } from '../../inventory/time-range.ts';

export const tool = defineTool({
  name: 'metric.aggregate',
  description:
    'One figure for each item from its samples of a metric (load, CPU, memory, latency, errors …): average, minimum, maximum, percentile, sum or newest value over a time range, highest first; `top` keeps the first ones. Items are named, or filtered by type and the like ("the most loaded hosts": type host, metric cpu_usage, top 5). Also gives the figure over all of them.',
  input: z.strictObject({
    ...ITEM_SCOPE,
    metric: MetricName,
    agg: Aggregation.default('avg'),
    range: TimeRange.default('last_1h'),
    order: z.enum(['desc', 'asc']).default('desc').describe('Highest or lowest first'),
    top: z.int().min(1).max(5000).default(100).describe('Items shown'),
  }),
  output: z.object({
    metric: z.string(),
    agg: Aggregation,
    unit: z.string(),
    ...RANGE_OUTPUT,
    items: z.array(ItemName.extend({ value: z.number(), samples: z.int() })),
    overall: z
      .object({ value: z.number(), samples: z.int(), items: z.int() })
      .nullable()
      .describe('Over the samples of all items; null without samples'),
    without_samples: z.array(z.string()).describe('Codes of named items that have no samples in the range'),
    unknown: z.array(z.string()).describe('Names that no item has'),
  }),
  effects: 'read',
  idempotent: true,
  timeout_ms: 30_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.88, complexity: 'medium' },
  count: (output) => output.items.length,
  records: (output) => itemRecords(output.items),
  async execute(
    { metric: name, agg, range: given, order, top, ...input },
    { store }: ToolContext<InventoryStore>,
  ) {
    const { db, tenant } = store;
    const metric = await findMetric(store, name);
    const range = await resolveRange(store, given, 'metrics');
    const scope = await scopeItems(store, input);
    const samples = sql`
      select i.id, i.code, i.name, i.type, s.at, s.value
      from items i join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
      where ${scope.where} and s.tenant = ${tenant} and s.metric = ${metric.name}
        and s.at between ${range.from.toISOString()}::timestamptz and ${range.to.toISOString()}::timestamptz`;
    const { rows } = await sql<ItemName & { value: number; samples: number }>`
      select id, code, name, type, ${aggregateOf(agg)} as value, count(*)::int as samples
      from (${samples}) as s group by id, code, name, type
      order by value ${sql.raw(order)}, code`.execute(db);
    const overall = await sql<{ value: number | null; samples: number }>`
      select ${aggregateOf(agg)} as value, count(*)::int as samples from (${samples}) as s`.execute(db);
    const all = overall.rows[0];
    return {
      metric: metric.name,
      agg,
      unit: unitOf(agg, metric.unit),
      ...rangeOutput(range),
      items: rows.slice(0, top),
      overall:
        all === undefined || all.value === null || all.samples === 0
          ? null
          : { value: all.value, samples: all.samples, items: rows.length },
      without_samples: await codesWithout(store, scope.ids, rows),
      unknown: scope.unknown,
    };
  },
});

async function codesWithout(
  { db, tenant }: InventoryStore,
  ids: string[] | null,
  shown: { id: string }[],
): Promise<string[]> {
  const seen = new Set(shown.map((item) => item.id));
  const missing = (ids ?? []).filter((id) => !seen.has(id));
  if (missing.length === 0) return [];
  const { rows } = await sql<{ code: string }>`
    select code from items where tenant = ${tenant} and id = any(${missing}::text[])
    order by code limit 100`.execute(db);
  return rows.map((row) => row.code);
}
