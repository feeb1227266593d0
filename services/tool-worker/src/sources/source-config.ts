import { type ConfigSection, sectionsOfOthers } from '@planyard/contracts';
import { SecretRef } from '@planyard/llm';
import { INVENTORY_SOURCE } from '@planyard/store';
import { z } from 'zod';

const Name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a name of small letters, digits, _ and -')
  .refine((name) => name !== INVENTORY_SOURCE, 'the name of what is imported');

const TablePattern = z
  .string()
  .regex(/^[^.\s]+(\.[^.\s]+)?$/, 'table or schema.table; * stands for any text');
const ColumnPattern = z
  .string()
  .regex(/^[^.\s]+(\.[^.\s]+){1,2}$/, 'table.column or schema.table.column; * stands for any text');

/** A Postgres whose tables the planner is told about. */
export const SourceConfig = z.strictObject({
  kind: z.literal('postgres'),
  url: SecretRef.meta({ description: 'Where postgres://user:password@host:port/database is kept' }),
  tenants: z.array(z.string().min(1)).min(1).default(['default']),
  schemas: z.array(z.string().min(1)).min(1).default(['public']),
  include: z.array(TablePattern).min(1).default(['*']),
  exclude: z.array(TablePattern).default([]),
  columns: z
    .record(ColumnPattern, z.strictObject({ values: z.boolean() }))
    .default({})
    .meta({ description: 'values: false: no value of this column is read' }),
  sensitive: z.array(ColumnPattern).default([]).meta({
    description: 'Columns of which no value is read or kept, beside those that their names give away',
  }),
  sensitive_words: z
    .array(z.string().min(2))
    .default([])
    .meta({ description: 'More words that mark a column as sensitive in its name or comment' }),
  values: z
    .strictObject({
      max_distinct: z.int().min(0).max(200).default(30).meta({ description: '0: no values at all' }),
      shown: z.int().min(1).max(100).default(12),
      small_rows: z
        .int()
        .min(0)
        .default(10_000)
        .meta({ description: 'Tables up to this size are looked into where there are no statistics' }),
      timeout_ms: z.int().min(10).max(60_000).default(1_000).meta({ description: 'For one table' }),
    })
    .prefault({}),
  timeout_ms: z.int().min(100).max(600_000).default(30_000).meta({ description: 'For one statement' }),
});
export type SourceConfig = z.infer<typeof SourceConfig>;

const SOURCE_SECTIONS = {
  sources: z.record(Name, SourceConfig).default({}),
} satisfies Record<ConfigSection<'sources'>, z.ZodType>;

/** `planyard.yaml`, of which others read what is not about data sources. */
export const SourcesConfig = z
  .strictObject({ ...sectionsOfOthers('sources'), ...SOURCE_SECTIONS })
  .transform((config) => (config as z.output<z.ZodObject<typeof SOURCE_SECTIONS>>).sources);
export type SourcesConfig = z.infer<typeof SourcesConfig>;
