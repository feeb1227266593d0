import { Json } from '@planyard/contracts';
import { contentWords } from '@planyard/planning';
import { defineTool, type ToolContext } from '@planyard/sdk';
import { sql } from 'kysely';
import { z } from 'zod';
import { EVENT_FILTER, whereEvents } from '../../inventory/event-filter.ts';
import { invalid } from '../../inventory/find-items.ts';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { ItemName, listOf } from '../../inventory/item.ts';
import { ITEM_SCOPE, scopeItems } from '../../inventory/item-scope.ts';
import {
  RANGE_OUTPUT,
  type ResolvedRange,
  rangeOutput,
  resolveRange,
  TimeRange,
} from '../../inventory/time-range.ts';

const Time = z.iso.datetime({ offset: true });
const CITED = 50;

export const tool = defineTool({
  name: 'history.event_log',
  description:
    "Events of items: deployments, configuration changes, alerts, incidents, recoveries and others, newest first, filtered by item, event type, severity, words and time. For what happened before a moment (such as an incident's start) give `before` and `window_minutes`, and the incident itself as `except_events`.",
  input: z.strictObject({
    ...ITEM_SCOPE,
    ...EVENT_FILTER,
    range: TimeRange.optional().describe('Without it, and without `before` or `after`: last_7d'),
    before: Time.optional().describe('Events up to this time, in place of range'),
    after: Time.optional().describe('Events from this time on, in place of range'),
    window_minutes: z
      .int()
      .min(1)
      .max(525_600)
      .default(1440)
      .describe('How far `before` looks back, or `after` forward'),
    except_events: z
      .union([z.array(z.string().max(200)).max(1000), z.string().max(200)])
      .optional()
      .describe('Ids of events to leave out, such as the one whose time `before` or `after` is'),
    order: z.enum(['desc', 'asc']).default('desc').describe('Newest or oldest first'),
    limit: z.int().min(1).max(1000).default(100),
  }),
  output: z.object({
    ...RANGE_OUTPUT,
    events: z.array(
      z.object({
        id: z.string(),
        at: z.string(),
        type: z.string(),
        severity: z.string(),
        message: z.string(),
        attributes: z.record(z.string(), Json),
        item: ItemName,
      }),
    ),
    total: z.int().describe('Events found, shown or not'),
    unknown: z.array(z.string()).describe('Names that no item has'),
  }),
  effects: 'read',
  idempotent: true,
  timeout_ms: 20_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.9, complexity: 'low' },
  broad_search: (question) => ({
    text: [...contentWords(question)].slice(0, 20).join(' ') || question,
    limit: 20,
  }),
  count: (output) => output.total,
  records: (output) =>
    output.events.slice(0, CITED).map((event) => ({
      type: 'event',
      id: event.id,
      title: `${event.type} on ${event.item.code} at ${event.at}`,
    })),
  async execute(input, { store }: ToolContext<InventoryStore>) {
    const range = await rangeOf(store, input);
    const scope = await scopeItems(store, input);
    const except = listOf(input.except_events ?? []).map((id) => id.replaceAll('\0', ''));
    type Row = {
      id: string;
      at: Date;
      event_type: string;
      severity: string;
      message: string;
      attributes: Record<string, Json>;
      item_id: string;
      code: string;
      name: string;
      type: string;
      total: number;
    };
    const { rows } = await sql<Row>`
      select e.id, e.at, e.type as event_type, e.severity, e.message, e.attributes,
        i.id as item_id, i.code, i.name, i.type, (count(*) over ())::int as total
      from item_events e join items i on i.tenant = e.tenant and i.id = e.item_id
      where ${scope.where} and ${whereEvents(store.tenant, input)} and not e.id = any(${except}::text[])
        and e.at between ${range.from.toISOString()}::timestamptz and ${range.to.toISOString()}::timestamptz
      order by e.at ${sql.raw(input.order)}, e.id limit ${input.limit}`.execute(store.db);
    return {
      ...rangeOutput(range),
      events: rows.map((row) => ({
        id: row.id,
        at: row.at.toISOString(),
        type: row.event_type,
        severity: row.severity,
        message: row.message,
        attributes: row.attributes,
        item: { id: row.item_id, code: row.code, name: row.name, type: row.type },
      })),
      total: rows[0]?.total ?? 0,
      unknown: scope.unknown,
    };
  },
});

type Times = {
  range?: TimeRange | undefined;
  before?: string | undefined;
  after?: string | undefined;
  window_minutes: number;
};

async function rangeOf(
  store: InventoryStore,
  { range, before, after, window_minutes }: Times,
): Promise<ResolvedRange> {
  if (before === undefined && after === undefined) return resolveRange(store, range ?? 'last_7d', 'events');
  if (range !== undefined) throw invalid('range', 'give either a range, or before or after');
  const windowMs = window_minutes * 60_000;
  const to = before === undefined ? new Date(Date.parse(after as string) + windowMs) : new Date(before);
  const from = after === undefined ? new Date(to.getTime() - windowMs) : new Date(after);
  return { from, to, anchored_at: null };
}
