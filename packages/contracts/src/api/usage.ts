import { z } from 'zod';
import { oneLine, Timestamp } from '../ids.ts';
import { PageQuery, pageOf } from './page.ts';

const Dimension = z.enum(['day', 'kind', 'model', 'tool', 'agent', 'key', 'tag']);
type Dimension = z.infer<typeof Dimension>;

/** Whether a model was called, or a tool spent something. */
const Kind = z.enum(['model', 'tool']);
export type UsageKind = z.infer<typeof Kind>;

export const UsageQuery = PageQuery.extend({
  // Names the last row of a page: a value of every dimension.
  cursor: z.string().max(4_000).optional(),
  from: Timestamp.optional().meta({ description: '30 days ago by default' }),
  to: Timestamp.optional().meta({ description: 'Up to this moment, not including it; now by default' }),
  by: z
    .string()
    .default('day,model,tool')
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(Dimension).min(1))
    .meta({
      description:
        'What to sum by, with commas: day, kind, model, tool, agent, key, tag. A call counts under each of its tags',
      type: 'string',
    }),
  kind: Kind.optional().meta({
    description: '`model`: calls of models; `tool`: steps whose tools spent something',
  }),
  model: oneLine(300).optional().meta({ description: '`provider/model`' }),
  tool: oneLine(100).optional(),
  agent: oneLine(100).optional(),
  key: oneLine(100).optional(),
  tag: oneLine(64).optional(),
  format: z.enum(['json', 'csv']).default('json').meta({ description: '`csv` is whole, without pages' }),
});
export type UsageQuery = z.infer<typeof UsageQuery>;
export type UsageDimension = Dimension;

/** Sums over model calls, and over steps whose tools spent something; a dimension that was not asked for is absent, one without a value null. */
export const UsageRow = z
  .object({
    day: z.iso.date().optional().meta({ description: 'In UTC' }),
    kind: Kind.optional(),
    model: z
      .string()
      .nullable()
      .optional()
      .meta({ description: '`provider/model`; null for what a tool spent' }),
    tool: z.string().nullable().optional().meta({ description: 'null for a call of a model' }),
    agent: z.string().nullable().optional(),
    key: z.string().optional().meta({ description: 'The key’s id' }),
    tag: z.string().nullable().optional(),
    calls: z.int().meta({ description: 'Calls of models, and steps whose tools spent something' }),
    errors: z.int(),
    input_tokens: z.int(),
    output_tokens: z.int(),
    cached_tokens: z.int(),
    cost_usd: z.number().meta({ description: 'Of the calls whose price is known' }),
    unpriced_calls: z.int().meta({ description: 'Calls that went well and whose price is not known' }),
  })
  .meta({ id: 'UsageRow' });
export type UsageRow = z.infer<typeof UsageRow>;

export const UsageReport = pageOf(UsageRow)
  .extend({
    from: Timestamp,
    to: Timestamp,
    total: UsageRow.meta({ description: 'Of all pages, each call once' }),
  })
  .meta({ id: 'UsageReport' });
export type UsageReport = z.infer<typeof UsageReport>;
