import { sql } from 'kysely';
import type { Executor } from '../database.ts';

/** Keeps each metric's unit and time range beside the samples, so that a catalog needs no scan of them. */
export async function noteMetrics(
  tx: Executor,
  tenant: string,
  samples: { metric: string; at: string; unit: string }[],
): Promise<void> {
  const ranges = new Map<string, { unit: string; first: string; last: string }>();
  for (const { metric, at, unit } of samples) {
    const range = ranges.get(metric);
    if (range === undefined) {
      ranges.set(metric, { unit, first: at, last: at });
      continue;
    }
    if (at < range.first) range.first = at;
    if (at > range.last) range.last = at;
    if (unit) range.unit = unit;
  }
  const entries = [...ranges.entries()];
  await sql`
    insert into metrics (tenant, name, unit, first_at, last_at)
    select ${tenant}::text, m.name, m.unit, m.first_at, m.last_at
    from unnest(
      ${entries.map(([name]) => name)}::text[], ${entries.map(([, range]) => range.unit)}::text[],
      ${entries.map(([, range]) => range.first)}::timestamptz[],
      ${entries.map(([, range]) => range.last)}::timestamptz[]
    ) as m (name, unit, first_at, last_at)
    on conflict (tenant, name) do update set
      unit = coalesce(nullif(excluded.unit, ''), metrics.unit),
      first_at = least(metrics.first_at, excluded.first_at),
      last_at = greatest(metrics.last_at, excluded.last_at)`.execute(tx);
}
