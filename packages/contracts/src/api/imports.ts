import { z } from 'zod';
import { Fault } from '../errors.ts';
import { ImportKind } from '../inventory.ts';

/** What one imported file did; `errors` non-empty: nothing of that file was loaded. */
export const ImportedFile = z.object({
  file: z.string(),
  kind: ImportKind.nullable().meta({ description: 'null: nothing in it told' }),
  rows: z.int(),
  loaded: z.object({ items: z.int(), relations: z.int(), metrics: z.int(), events: z.int() }),
  errors: z.array(Fault).meta({ description: '`path` is file:line; the first 100' }),
});
export type ImportedFile = z.infer<typeof ImportedFile>;

export const ImportQuery = z.strictObject({
  kind: ImportKind.optional().meta({
    description: 'What the files hold; without it each file tells by its columns',
  }),
  replace: z.stringbool().default(false).meta({
    description: 'Entities of earlier Backstage catalogs that none of these holds are removed',
  }),
});

export type ImportQuery = z.infer<typeof ImportQuery>;

export const ImportReport = z
  .object({
    files: z.array(ImportedFile),
    items_removed: z.int().meta({ description: 'Entities that the catalogs do not hold any more' }),
    sample_removed: z.boolean().meta({ description: 'The sample inventory made room for the first import' }),
  })
  .meta({ id: 'ImportReport' });
export type ImportReport = z.infer<typeof ImportReport>;
