import { sql } from 'kysely';
import { z } from 'zod';
import { invalid } from './find-items.ts';
import type { InventoryStore } from './inventory-store.ts';

const Time = z.iso.datetime({ offset: true });

/** A named or an absolute range of time. */
export const TimeRange = z
  .union([
    z
      .string()
      .regex(
        /^(?:last_[1-9][0-9]{0,4}[mhd]|today|yesterday|all)$/,
        'last_1h, last_24h, last_7d, last_<n>m|h|d, today, yesterday, all or {from, to}',
      ),
    z.strictObject({ from: Time, to: Time.optional() }),
  ])
  .describe(
    'last_1h, last_24h, last_7d (any last_<number>m, h or d), today, yesterday, all, or {"from", "to"} in ISO 8601. Named ranges end at the newest data',
  );
export type TimeRange = z.infer<typeof TimeRange>;

/** Both ends are part of the range. */
export interface ResolvedRange {
  from: Date;
  to: Date;
  /** The time named ranges count back from, when the newest data is older than the clock. */
  anchored_at: string | null;
}

/** What a result says about its range. */
export const RANGE_OUTPUT = {
  from: z.string(),
  to: z.string(),
  anchored_at: z
    .string()
    .nullable()
    .describe('Named ranges count back from this time, the newest in the data; null: from now'),
};

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const EPOCH = new Date(0);

/** The times a range means. Named ranges end at the newest data of this kind or now, whichever is earlier; days are UTC. */
export async function resolveRange(
  store: InventoryStore,
  range: TimeRange,
  kind: 'metrics' | 'events',
): Promise<ResolvedRange> {
  const newest = await newestData(store, kind);
  const anchored = newest !== null && newest < store.now;
  const now = anchored ? newest : store.now;
  if (typeof range !== 'string') {
    const from = new Date(range.from);
    const to = range.to === undefined ? now : new Date(range.to);
    if (from > to && range.to !== undefined) throw invalid('range', '"from" is after "to"');
    return { from, to, anchored_at: null };
  }
  return { ...namedRange(range, now), anchored_at: anchored ? now.toISOString() : null };
}

export function rangeOutput(range: ResolvedRange): { from: string; to: string; anchored_at: string | null } {
  return { from: range.from.toISOString(), to: range.to.toISOString(), anchored_at: range.anchored_at };
}

function namedRange(name: string, now: Date): { from: Date; to: Date } {
  const midnight = new Date(now);
  midnight.setUTCHours(0, 0, 0, 0);
  if (name === 'all') return { from: EPOCH, to: now };
  if (name === 'today') return { from: midnight, to: now };
  if (name === 'yesterday')
    return { from: new Date(midnight.getTime() - UNIT_MS.d), to: new Date(midnight.getTime() - 1) };
  const [, count, unit] = /^last_(\d+)([mhd])$/.exec(name) ?? [];
  const length = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  // The end is part of the range, so the beginning is not: an hour of 5-minute samples has 12.
  return { from: new Date(now.getTime() - length + 1), to: now };
}

/** Events of a system whose metrics go on are not "recent" because they are the last ones: they count from the later of both. */
async function newestData({ db, tenant }: InventoryStore, kind: 'metrics' | 'events'): Promise<Date | null> {
  const { rows } = await sql<{ newest: Date | null }>`
    select greatest(
      (select max(last_at) from metrics where tenant = ${tenant}),
      ${kind === 'events' ? sql`(select max(at) from item_events where tenant = ${tenant})` : sql`null`}
    ) as newest`.execute(db);
  return rows[0]?.newest ?? null;
}
