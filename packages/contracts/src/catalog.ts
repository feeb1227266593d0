import { z } from 'zod';

/** An inventory as the planner sees it: names, types and sample values that questions use. */
export const InventoryCatalog = z.object({
  kind: z.literal('inventory').default('inventory'),
  source: z.string(),
  sample: z.boolean().default(false).meta({ description: 'The data is the sample inventory' }),
  items: z.array(z.object({ id: z.string(), code: z.string(), name: z.string(), type: z.string() })),
  item_count: z.int(),
  types: z.array(z.object({ name: z.string(), count: z.int() })),
  relation_types: z.array(z.string()),
  metrics: z.array(
    z.object({
      name: z.string(),
      unit: z.string().default(''),
      types: z.array(z.string()).default([]).meta({ description: 'Types of items that have samples of it' }),
    }),
  ),
  event_types: z.array(z.string()),
  attributes: z
    .record(z.string(), z.array(z.string()))
    .default({})
    .meta({ description: 'Filterable fields with sample values' }),
  time_range: z.object({ from: z.string(), to: z.string() }).nullable(),
});
export type InventoryCatalog = z.infer<typeof InventoryCatalog>;

export const CatalogColumn = z
  .object({
    name: z.string(),
    type: z.string().meta({ description: 'As the database writes it: `character varying(20)`' }),
    nullable: z.boolean(),
    comment: z.string().optional(),
    sensitive: z.literal(true).optional().meta({
      description: "Its values are nobody's business: none is read, and no plan should look for one",
    }),
    values: z
      .array(z.string())
      .optional()
      .meta({ description: 'Some of the few distinct values; never of columns that are sensitive' }),
  })
  .meta({ id: 'CatalogColumn' });
export type CatalogColumn = z.infer<typeof CatalogColumn>;

export const ForeignKey = z.object({
  columns: z.array(z.string()),
  schema: z.string(),
  table: z.string(),
  references: z.array(z.string()).meta({ description: 'Columns of the other table, in the same order' }),
});
export type ForeignKey = z.infer<typeof ForeignKey>;

export const CatalogTable = z
  .object({
    schema: z.string(),
    name: z.string(),
    kind: z.enum(['table', 'view', 'materialized_view', 'foreign_table']),
    comment: z.string().optional(),
    rows: z.number().nullable().meta({ description: "The database's estimate; null where it has none" }),
    partitions: z.int().optional().meta({ description: 'Tables that lie in this one' }),
    columns: z.array(CatalogColumn),
    primary_key: z.array(z.string()),
    unique: z.array(z.array(z.string())),
    foreign_keys: z.array(ForeignKey),
  })
  .meta({ id: 'CatalogTable' });
export type CatalogTable = z.infer<typeof CatalogTable>;

/** The tables of a database as the planner sees them. */
export const TableCatalog = z.object({
  kind: z.literal('tables'),
  source: z.string(),
  /** Changes with what it holds. */
  version: z.string(),
  /** When it was read whole, ISO 8601. */
  read_at: z.string(),
  stale: z.boolean(),
  tables: z.array(CatalogTable),
});
export type TableCatalog = z.infer<typeof TableCatalog>;

/** A data source as the planner sees it. */
export type Catalog = InventoryCatalog | TableCatalog;

/** How the catalog of a source stands, without its tables. */
export const SourceState = z.object({
  source: z.string(),
  tenants: z.array(z.string()),
  schemas: z.array(z.string()),
  tables: z.int(),
  columns: z.int(),
  /** Of the tables; null while it was never read. */
  version: z.string().nullable(),
  read_at: z.string().nullable(),
  /** When the source was last found as it is told here. */
  checked_at: z.string().nullable(),
  /** Why what is told may be out of date, or why nothing is; null while all is well. */
  fault: z.string().nullable(),
  /** The newest wish for a refresh that it answers, in milliseconds since the epoch by the clock of who asked. */
  refreshed_for: z.number(),
});
export type SourceState = z.infer<typeof SourceState>;
