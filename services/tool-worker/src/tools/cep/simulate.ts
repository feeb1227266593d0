import { defineTool, type ToolContext } from '@planyard/sdk';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { EVENT_FILTER, whereEvents } from '../../inventory/event-filter.ts';
import { invalid } from '../../inventory/find-items.ts';
import { findMetric, MetricName } from '../../inventory/find-metric.ts';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { ItemName, itemRecords } from '../../inventory/item.ts';
import { ITEM_SCOPE, scopeItems } from '../../inventory/item-scope.ts';
import { RANGE_OUTPUT, rangeOutput, resolveRange, TimeRange } from '../../inventory/time-range.ts';

/** Matches over the threshold that one simulation looks at, the oldest. */
const MATCHES = 200_000;

const OF_EVENTS = Object.keys(EVENT_FILTER) as (keyof typeof EVENT_FILTER)[];

const Rule = z.strictObject({
  ...ITEM_SCOPE,
  ...EVENT_FILTER,
  metric: MetricName.optional().describe('Count samples of this metric in place of events'),
  above: z.number().optional().describe('A sample counts when it is above this value'),
  below: z.number().optional().describe('A sample counts when it is below this value'),
  threshold: z.int().min(1).max(100_000).default(1).describe('How many must come within the window'),
  window_minutes: z.number().min(1).max(10_080).default(60),
  group_by: z.enum(['item', 'all']).default('item').describe('Count for each item, or over all'),
  range: TimeRange.default('last_7d'),
  limit: z.int().min(1).max(1000).default(100).describe('Firings shown, the oldest'),
});

export const tool = defineTool({
  name: 'cep.simulate',
  description:
    'Runs an alert rule over history and tells when it would have fired: so many matching events, or samples of a metric above or below a value, within a window, for each item or over all. After it fires, a rule rests for one window.',
  input: Rule,
  output: z.object({
    rule: z.string().describe('The rule in words'),
    ...RANGE_OUTPUT,
    fired: z.array(
      z.object({
        at: z.string(),
        window_start: z.string().describe('The first match in the window'),
        count: z.int().describe('Matches in the window when it fired'),
        item: ItemName.nullable().describe('null when counted over all'),
      }),
    ),
    total_fired: z.int(),
    items: z.array(ItemName.extend({ fired: z.int() })).describe('How often for each item, the most first'),
    truncated: z
      .boolean()
      .describe('There are too many matches: only the time up to `to` was looked at, not all of the range'),
    unknown: z.array(z.string()).describe('Names that no item has'),
  }),
  effects: 'read',
  idempotent: true,
  timeout_ms: 60_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.8, complexity: 'high' },
  count: (output) => output.total_fired,
  records: (output) => itemRecords(output.items),
  execute: (input, { store }: ToolContext<InventoryStore>) => simulate(input, store),
});

/** Looks at so many matches at most: where there are more, the range ends before the first that it does not see. */
export async function simulate(input: z.output<typeof Rule>, store: InventoryStore, limit = MATCHES) {
  const range = await resolveRange(store, input.range, input.metric === undefined ? 'events' : 'metrics');
  const scope = await scopeItems(store, input);
  const pattern = await patternOf(store, input);
  const partition = input.group_by === 'item' ? sql`partition by id` : sql``;
  const window = sql`(${partition} order by at
    range between make_interval(secs => ${input.window_minutes * 60}) preceding and current row)`;
  const { rows } = await sql<ItemName & { at: Date; window_start: Date; count: number }>`
    with matches as (
      select i.id, i.code, i.name, i.type, ${pattern.at} as at from ${pattern.source}
      where ${scope.where} and ${pattern.where}
        and ${pattern.at} between ${range.from.toISOString()}::timestamptz and ${range.to.toISOString()}::timestamptz
    ), counted as (
      select *, (count(*) over ${window})::int as count, min(at) over ${window} as window_start from matches
    )
    select * from counted where count >= ${input.threshold}
    order by at, code limit ${limit + 1}`.execute(store.db);
  const unseen = rows[limit]?.at;
  const seen = unseen === undefined ? rows : rows.filter(({ at }) => at < unseen);
  const to = unseen === undefined ? range.to : new Date(unseen.getTime() - 1);
  const fired = rest(seen, input.window_minutes * 60_000, input.group_by === 'item');
  return {
    rule: `${input.threshold} × ${pattern.words} within ${input.window_minutes} minutes, ${input.group_by === 'item' ? 'for each item' : 'over all items'}`,
    ...rangeOutput({ ...range, to }),
    fired: fired.slice(0, input.limit).map(({ at, window_start, count, id, code, name, type }) => ({
      at: at.toISOString(),
      window_start: window_start.toISOString(),
      count,
      item: input.group_by === 'item' ? { id, code, name, type } : null,
    })),
    total_fired: fired.length,
    items: input.group_by === 'item' ? countByItem(fired) : [],
    truncated: unseen !== undefined,
    unknown: scope.unknown,
  };
}

interface Pattern {
  /** `i` (items) joined with what may match. */
  source: RawBuilder<unknown>;
  at: RawBuilder<unknown>;
  where: RawBuilder<boolean>;
  words: string;
}

async function patternOf(store: InventoryStore, rule: z.output<typeof Rule>): Promise<Pattern> {
  if (rule.metric === undefined) {
    if (rule.above !== undefined || rule.below !== undefined)
      throw invalid('metric', '"above" and "below" need a metric');
    const what = [
      rule.event_types ?? 'event',
      rule.severity,
      rule.min_severity && `${rule.min_severity} or worse`,
      rule.text && `"${rule.text}"`,
    ];
    return {
      source: sql`item_events e join items i on i.tenant = e.tenant and i.id = e.item_id`,
      at: sql`e.at`,
      where: whereEvents(store.tenant, rule),
      words: what.flat().filter(Boolean).join(' '),
    };
  }
  if (rule.above === undefined && rule.below === undefined)
    throw invalid('above', 'a rule on a metric needs "above" or "below"');
  for (const filter of OF_EVENTS)
    if (rule[filter] !== undefined)
      throw invalid(filter, `a rule on a metric counts samples, which "${filter}" does not narrow down`);
  const metric = await findMetric(store, rule.metric);
  const above = rule.above === undefined ? sql`true` : sql`m.value > ${rule.above}`;
  const below = rule.below === undefined ? sql`true` : sql`m.value < ${rule.below}`;
  const bounds = [
    rule.above === undefined ? '' : `above ${rule.above}`,
    rule.below === undefined ? '' : `below ${rule.below}`,
  ];
  return {
    source: sql`metric_samples m join items i on i.tenant = m.tenant and i.id = m.item_id`,
    at: sql`m.at`,
    where: sql<boolean>`m.tenant = ${store.tenant} and m.metric = ${metric.name} and ${above} and ${below}`,
    words: `${metric.name} ${bounds.filter(Boolean).join(' and ')} ${metric.unit}`.trim(),
  };
}

/** A rule that has fired rests for one window. */
function rest<T extends { id: string; at: Date }>(matches: T[], windowMs: number, eachItem: boolean): T[] {
  const lastFired = new Map<string, number>();
  return matches.filter(({ id, at }) => {
    const key = eachItem ? id : '';
    const last = lastFired.get(key);
    if (last !== undefined && at.getTime() - last <= windowMs) return false;
    lastFired.set(key, at.getTime());
    return true;
  });
}

function countByItem(fired: ItemName[]): (ItemName & { fired: number })[] {
  return [...Map.groupBy(fired, (match) => match.id).values()]
    .map((matches) => {
      const { id, code, name, type } = matches[0] as ItemName;
      return { id, code, name, type, fired: matches.length };
    })
    .sort((a, b) => b.fired - a.fired || (a.code < b.code ? -1 : 1));
}
