import { z } from 'zod';
import { CatalogTable, SourceState } from '../catalog.ts';
import { PageQuery, pageOf } from './page.ts';

const Name = z.string().min(1).max(200);

export const ListCatalogQuery = PageQuery.extend({
  source: Name.optional(),
  table: Name.optional().meta({ description: 'A table, `name` or `schema.name`; `*` stands for any text' }),
  text: Name.optional().meta({
    description: 'Only tables whose name, comment, columns or shown values hold it',
  }),
});

/** The catalog of a data source, without its tables. */
export const CatalogSource = SourceState.omit({ tenants: true, version: true, refreshed_for: true })
  .extend({
    state: z.enum(['fresh', 'stale', 'unread']).meta({
      description: 'stale: told as it was at `read_at`, `fault` says why; unread: nothing is known yet',
    }),
    refreshing: z.boolean().meta({ description: 'A wish for a refresh is not answered yet' }),
  })
  .meta({ id: 'CatalogSource' });
export type CatalogSource = z.infer<typeof CatalogSource>;

/** A table of a source, without its columns. */
export const CatalogTableItem = CatalogTable.pick({
  schema: true,
  name: true,
  kind: true,
  comment: true,
  rows: true,
})
  .extend({ source: z.string(), columns: z.int() })
  .meta({ id: 'CatalogTableItem' });
export type CatalogTableItem = z.infer<typeof CatalogTableItem>;

/** A page of tables, and the sources that they are from. */
export const CatalogPage = pageOf(CatalogTableItem)
  .extend({ sources: z.array(CatalogSource) })
  .meta({ id: 'CatalogPage' });
export type CatalogPage = z.infer<typeof CatalogPage>;

export const CatalogTableDetail = CatalogTable.extend({ source: z.string() }).meta({
  id: 'CatalogTableDetail',
});
export type CatalogTableDetail = z.infer<typeof CatalogTableDetail>;

export const RefreshCatalogRequest = z.strictObject({
  source: Name.optional().meta({ description: 'All of the tenant without it' }),
});

export const CatalogRefresh = z.object({ sources: z.array(z.string()) }).meta({
  id: 'CatalogRefresh',
  description: 'What is read again; `refreshing` of each tells when it is done',
});
export type CatalogRefresh = z.infer<typeof CatalogRefresh>;
