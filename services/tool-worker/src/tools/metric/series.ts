import { defineTool, type ToolContext } from '@planyard/sdk';
import { sql } from 'kysely';
import { z } from 'zod';
import { Aggregation, aggregateOf, unitOf } from '../../inventory/aggregation.ts';
import { invalid } from '../../inventory/find-items.ts';
import { findMetric, MetricName } from '../../inventory/find-metric.ts';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { ItemName, itemRecords } from '../../inventory/item.ts';
import { ITEM_SCOPE, scopeItems } from '../../inventory/item-scope.ts';
import {
  RANGE_OUTPUT,
  type ResolvedRange,
  rangeOutput,
  resolveRange,
  TimeRange,
} from '../../inventory/time-range.ts';

/** Points of one series that a reader or a model can take in. */
const POINTS = 60;
const POINTS_AT_MOST = 5000;
const STEPS_S = [60, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
const UNIT_S = { s: 1, m: 60, h: 3600, d: 86_400 };

export const tool = defineTool({
  name: 'metric.series',
  description:
    'How a metric of items went over time: one point for each bucket of the range, as an average, maximum or other figure of the samples in it. Use it for trends and to see when something began.',
  input: z.strictObject({
    ...ITEM_SCOPE,
    metric: MetricName,
    agg: Aggregation.default('avg'),
    range: TimeRange.default('last_24h'),
    bucket: z
      .string()
      .regex(/^[1-9][0-9]{0,4}[smhd]$/, 'such as 5m, 1h or 1d')
      .optional()
      .describe('Length of a bucket, such as 5m, 1h, 1d; chosen to suit the range without it'),
    limit: z.int().min(1).max(200).default(20).describe('Items shown'),
  }),
  output: z.object({
    metric: z.string(),
    agg: Aggregation,
    unit: z.string(),
    ...RANGE_OUTPUT,
    bucket_s: z.int(),
    series: z.array(
      ItemName.extend({
        points: z.array(z.object({ at: z.string().describe('Start of the bucket'), value: z.number() })),
      }),
    ),
    total_items: z.int().describe('Items with samples in the range, shown or not'),
    unknown: z.array(z.string()).describe('Names that no item has'),
  }),
  effects: 'read',
  idempotent: true,
  timeout_ms: 30_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.88, complexity: 'medium' },
  count: (output) => output.series.reduce((sum, series) => sum + series.points.length, 0),
  records: (output) => itemRecords(output.series),
  async execute(
    { metric: name, agg, range: given, bucket, limit, ...input },
    { store }: ToolContext<InventoryStore>,
  ) {
    const { db, tenant } = store;
    const metric = await findMetric(store, name);
    const range = await within(store, metric.name, await resolveRange(store, given, 'metrics'));
    const scope = await scopeItems(store, input);
    const bucketS = bucketSeconds(bucket, range);
    const inRange = sql`s.tenant = ${tenant} and s.metric = ${metric.name}
      and s.at between ${range.from.toISOString()}::timestamptz and ${range.to.toISOString()}::timestamptz`;
    const found = await sql<ItemName & { total: number }>`
      select i.id, i.code, i.name, i.type, (count(*) over ())::int as total from items i
      where ${scope.where} and exists (select 1 from metric_samples s where s.item_id = i.id and ${inRange})
      order by i.code limit ${limit}`.execute(db);
    const { rows } = await sql<{ item_id: string; bucket: Date; value: number }>`
      select s.item_id, date_bin(make_interval(secs => ${bucketS}), s.at, 'epoch'::timestamptz) as bucket,
        ${aggregateOf(agg)} as value
      from metric_samples s
      where ${inRange} and s.item_id = any(${found.rows.map((item) => item.id)}::text[])
      group by 1, 2 order by 1, 2`.execute(db);
    const points = Map.groupBy(rows, (row) => row.item_id);
    return {
      metric: metric.name,
      agg,
      unit: unitOf(agg, metric.unit),
      ...rangeOutput(range),
      bucket_s: bucketS,
      series: found.rows.map(({ total: _, ...item }) => ({
        ...item,
        points: (points.get(item.id) ?? []).map((row) => ({
          at: row.bucket.toISOString(),
          value: row.value,
        })),
      })),
      total_items: found.rows[0]?.total ?? 0,
      unknown: scope.unknown,
    };
  },
});

/** Buckets are counted over the time that has samples: `all` would begin in 1970. */
async function within(
  { db, tenant }: InventoryStore,
  metric: string,
  range: ResolvedRange,
): Promise<ResolvedRange> {
  const { rows } = await sql<{ first_at: Date }>`
    select first_at from metrics where tenant = ${tenant} and name = ${metric}`.execute(db);
  const first = rows[0]?.first_at;
  return first && first > range.from && first < range.to ? { ...range, from: first } : range;
}

function bucketSeconds(bucket: string | undefined, { from, to }: ResolvedRange): number {
  const lengthS = (to.getTime() - from.getTime()) / 1000;
  if (bucket === undefined) return STEPS_S.find((step) => lengthS / step <= POINTS) ?? 86_400;
  const seconds = Number(bucket.slice(0, -1)) * UNIT_S[bucket.slice(-1) as keyof typeof UNIT_S];
  if (lengthS / seconds > POINTS_AT_MOST)
    throw invalid('bucket', `${bucket} makes more than ${POINTS_AT_MOST} points of this range`);
  return seconds;
}
