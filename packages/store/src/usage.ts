import type { Page, UsageDimension, UsageKind, UsageRow } from '@planyard/contracts';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { decodeCursor, toPage } from './cursor.ts';
import type { Executor } from './database.ts';

export interface UsageFilter {
  from: Date;
  to: Date;
  kind?: UsageKind | undefined;
  model?: string | undefined;
  tool?: string | undefined;
  agent?: string | undefined;
  key?: string | undefined;
  tag?: string | undefined;
}

/** What each dimension is in SQL. */
const COLUMNS: Record<UsageDimension, RawBuilder<unknown>> = {
  day: sql`to_char(at at time zone 'UTC', 'YYYY-MM-DD')`,
  kind: sql`kind`,
  model: sql`model`,
  tool: sql`tool`,
  agent: sql`agent`,
  key: sql`key_id`,
  tag: sql`tag`,
};

/** Sums over a tenant's model calls, those of its runs and those at the model API, and over what tools of its runs spent; in the order of the dimensions. A call counts under each of its tags when they are summed by tag. */
export function sumUsage(
  db: Executor,
  tenant: string,
  by: UsageDimension[],
  filter: UsageFilter,
): Promise<UsageRow[]> {
  return sums(db, tenant, by, filter, { after: sql``, limit: sql`` });
}

/** A page of what `sumUsage` gives. */
export async function listUsage(
  db: Executor,
  tenant: string,
  by: UsageDimension[],
  filter: UsageFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<UsageRow>> {
  const key = z.array(z.string().nullable()).length(by.length);
  const after =
    cursor === undefined
      ? sql``
      : sql`and ${place(by.map((one) => COLUMNS[one]))} > ${place(decodeCursor(cursor, key))}`;
  const rows = await sums(db, tenant, by, filter, { after, limit: sql`limit ${limit + 1}` });
  return toPage(
    rows,
    limit,
    (row) => row,
    (row) => by.map((dimension) => row[dimension] ?? null),
  );
}

/** Values of all dimensions as rows are ordered by them: those without a value last. */
function place(values: (RawBuilder<unknown> | string | null)[]) {
  return sql`(${sql.join(values.map((value) => sql`${value}::text is null, coalesce(${value}::text, '')`))})`;
}

async function sums(
  db: Executor,
  tenant: string,
  by: UsageDimension[],
  filter: UsageFilter,
  { after, limit }: { after: RawBuilder<unknown>; limit: RawBuilder<unknown> },
): Promise<UsageRow[]> {
  const [from, to] = [filter.from.toISOString(), filter.to.toISOString()];
  const columns = by.map((dimension) => COLUMNS[dimension]);
  const shown = columns.map((column, index) => sql`${column} as ${sql.ref(by[index] as string)},`);
  const grouped =
    columns.length > 0 ? sql`group by ${sql.join(columns)} order by ${sql.join(columns)}` : sql``;
  const tags = by.includes('tag') ? sql`left join lateral unnest(tags) as tag on true` : sql``;
  const { rows } = await sql<UsageRow>`
    select ${sql.join(shown, sql` `)}
      count(*)::int as calls,
      (count(*) filter (where failed))::int as errors,
      coalesce(sum(input_tokens), 0)::float8 as input_tokens,
      coalesce(sum(output_tokens), 0)::float8 as output_tokens,
      coalesce(sum(cached_tokens), 0)::float8 as cached_tokens,
      coalesce(sum(cost_usd), 0) as cost_usd,
      (count(*) filter (where unpriced))::int as unpriced_calls
    from (
      select 'model' as kind, started_at as at, provider || '/' || model as model, null as tool, agent, key_id, tags,
        status = 'error' as failed, input_tokens, output_tokens, cached_tokens, cost_usd,
        status = 'ok' and cost_usd is null as unpriced
      from model_calls
      where tenant = ${tenant} and started_at >= ${from} and started_at < ${to}
      union all
      select 'tool', ended_at, null, tool, agent, key_id, tags,
        failed, input_tokens, output_tokens, cached_tokens, cost_usd, unpriced
      from tool_spending
      where tenant = ${tenant} and ended_at >= ${from} and ended_at < ${to}
    ) as calls ${tags}
    where true
      ${condition(COLUMNS.kind, filter.kind)}
      ${condition(COLUMNS.tool, filter.tool)}
      ${condition(COLUMNS.model, filter.model)}
      ${condition(COLUMNS.agent, filter.agent)}
      ${condition(COLUMNS.key, filter.key)}
      ${filter.tag === undefined ? sql`` : sql`and tags @> array[${filter.tag}::text]`}
      ${by.includes('tag') ? condition(COLUMNS.tag, filter.tag) : sql``}
      ${after}
    ${grouped} ${limit}`.execute(db);
  return rows;
}

function condition(column: RawBuilder<unknown>, value: string | undefined) {
  return value === undefined ? sql`` : sql`and ${column} = ${value}`;
}
