import { z } from 'zod';
import { ToolManifest } from '../manifest.ts';
import { PageQuery, pageOf } from './page.ts';

export const ListToolsQuery = PageQuery.extend({
  type: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'the part of a tool name before the dot')
    .optional(),
});

/** A tool without its schemas. */
export const ToolListItem = ToolManifest.omit({ input_schema: true, output_schema: true }).meta({
  id: 'ToolListItem',
});
export type ToolListItem = z.infer<typeof ToolListItem>;
export const ToolPage = pageOf(ToolListItem).meta({ id: 'ToolPage' });
