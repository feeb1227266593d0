import type { StatsQuery, ToolStats } from '@planyard/contracts';
import { sql } from 'kysely';
import type { Executor } from './database.ts';

/**
 * How each tool's calls did in archived steps, by the time the steps ended: `from` inclusive, `to` exclusive. What its
 * condition skipped made no call, and neither did a step that adopted the result of an earlier one of its run. Where a
 * fallback ran, the call that it took the place of has failed; its time is not known.
 */
export async function toolStats(db: Executor, tenant: string, query: StatsQuery): Promise<ToolStats[]> {
  const from = query.from ? sql`and ended_at >= ${new Date(query.from)}` : sql``;
  const to = query.to ? sql`and ended_at < ${new Date(query.to)}` : sql``;
  const began = sql`steps where tenant = ${tenant} and started_at is not null ${from} ${to}`;
  const { rows } = await sql<Omit<ToolStats, 'cache_hit_rate'>>`
    with calls as (
      select tool, status, duration_ms, cached from ${began} and status <> 'skipped' and not adopted
      union all
      select failed_tool, 'failed', null, false from ${began} and failed_tool is not null
    )
    select tool, count(*)::int as count,
      (count(*) filter (where status = 'completed'))::int as success,
      (count(*) filter (where status = 'failed'))::int as error,
      coalesce(sum(duration_ms), 0) as total_ms,
      avg(duration_ms) as average_ms,
      percentile_cont(0.95) within group (order by duration_ms) as p95_ms,
      (count(*) filter (where cached))::int as cache_hits
    from calls ${query.tool ? sql`where tool = ${query.tool}` : sql``}
    group by tool order by tool`.execute(db);
  return rows.map((row) => ({ ...row, cache_hit_rate: row.count === 0 ? null : row.cache_hits / row.count }));
}
