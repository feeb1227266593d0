import { z } from 'zod';
import { Usage } from '../budget.ts';
import { oneLine, Timestamp } from '../ids.ts';
import { Json, JsonObject } from '../json.ts';
import { PageQuery, pageOf } from './page.ts';

/** One row of a run's trace: a step, or a model call (`tool_type` "model"). */
export const TraceRow = z
  .object({
    step: z.string().nullable(),
    tool_type: z.string(),
    operation: z.string(),
    start_time: Timestamp.nullable(),
    end_time: Timestamp.nullable(),
    duration_ms: z.number().nullable(),
    success: z.boolean(),
    error: z.string().nullable(),
    cache_hit: z.boolean(),
    input_params: JsonObject.meta({ description: 'Redacted' }),
    result_size_bytes: z.int().nullable(),
    result_count: z.int().nullable(),
    retry_count: z.int(),
    fallback_used: z.boolean(),
    tokens: Usage.nullable(),
    cost: z.number().nullable(),
    metadata: z.record(z.string(), Json),
  })
  .meta({ id: 'TraceRow' });
export type TraceRow = z.infer<typeof TraceRow>;

export const TraceQuery = PageQuery.extend({
  format: z.enum(['json', 'csv']).default('json').meta({ description: '`csv` is whole, without pages' }),
});
export const TracePage = pageOf(TraceRow).meta({ id: 'TracePage' });

export const StatsQuery = z.strictObject({
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  tool: oneLine(200).optional(),
});

export type StatsQuery = z.infer<typeof StatsQuery>;

export const ToolStats = z
  .object({
    tool: z.string(),
    count: z.int(),
    success: z.int(),
    error: z.int(),
    total_ms: z.number(),
    average_ms: z.number().nullable(),
    p95_ms: z.number().nullable(),
    cache_hits: z.int(),
    cache_hit_rate: z.number().nullable(),
  })
  .meta({ id: 'ToolStats' });
export type ToolStats = z.infer<typeof ToolStats>;
export const StatsPage = pageOf(ToolStats).meta({ id: 'StatsPage' });
