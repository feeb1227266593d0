import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';

export const Aggregation = z
  .enum(['avg', 'min', 'max', 'sum', 'count', 'last', 'p50', 'p90', 'p95', 'p99'])
  .describe('p50 to p99 are percentiles; last is the newest value');
export type Aggregation = z.infer<typeof Aggregation>;

/** The aggregate over the column `value` (and `at` for `last`) that a name means. */
export function aggregateOf(aggregation: Aggregation): RawBuilder<number> {
  switch (aggregation) {
    case 'avg':
      return sql`avg(value)`;
    case 'min':
      return sql`min(value)`;
    case 'max':
      return sql`max(value)`;
    case 'sum':
      return sql`sum(value)`;
    case 'count':
      return sql`count(value)::double precision`;
    case 'last':
      return sql`(array_agg(value order by at desc))[1]`;
    case 'p50':
      return percentile(0.5);
    case 'p90':
      return percentile(0.9);
    case 'p95':
      return percentile(0.95);
    case 'p99':
      return percentile(0.99);
  }
}

/** The unit of an aggregate over values of `unit`. */
export function unitOf(aggregation: Aggregation, unit: string): string {
  return aggregation === 'count' ? 'samples' : unit;
}

function percentile(fraction: number): RawBuilder<number> {
  return sql`percentile_cont(${fraction}::double precision) within group (order by value)`;
}
