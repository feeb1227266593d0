import type { StatsQuery, ToolStats } from '@planyard/contracts';
import { sql } from 'kysely';
import type { Executor } from './database.ts';

/** How each tool did in archived steps that began, by the time they ended: `from` inclusive, `to` exclusive. */
export async function toolStats(db: Executor, tenant: string, query: StatsQuery): Promise<ToolStats[]> {
  let select = db
    .selectFrom('steps')
    .select([
      'tool',
      sql<number>`count(*)::int`.as('count'),
      sql<number>`(count(*) filter (where status = 'completed'))::int`.as('success'),
      sql<number>`(count(*) filter (where status = 'failed'))::int`.as('error'),
      sql<number>`coalesce(sum(duration_ms), 0)`.as('total_ms'),
      sql<number | null>`avg(duration_ms)`.as('average_ms'),
      sql<number | null>`percentile_cont(0.95) within group (order by duration_ms)`.as('p95_ms'),
      sql<number>`(count(*) filter (where cached))::int`.as('cache_hits'),
    ])
    .where('tenant', '=', tenant)
    .where('started_at', 'is not', null);
  if (query.from) select = select.where('ended_at', '>=', new Date(query.from));
  if (query.to) select = select.where('ended_at', '<', new Date(query.to));
  if (query.tool) select = select.where('tool', '=', query.tool);
  const rows = await select.groupBy('tool').orderBy('tool').execute();
  return rows.map((row) => ({ ...row, cache_hit_rate: row.count === 0 ? null : row.cache_hits / row.count }));
}
