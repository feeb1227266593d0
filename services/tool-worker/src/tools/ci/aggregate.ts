import { defineTool, type ToolContext } from '@planyard/sdk';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { invalid } from '../../inventory/find-items.ts';
import { INVENTORY_CACHE, type InventoryStore } from '../../inventory/inventory-store.ts';
import { ITEM_SCOPE, scopeItems } from '../../inventory/item-scope.ts';

const FIELDS = ['type', 'owner', 'environment', 'status', 'code'] as const;

export const tool = defineTool({
  name: 'ci.aggregate',
  description:
    'Counts configuration items, or sums or averages a numeric attribute of them, in groups by type, owner, environment, status or an attribute; largest group first. Answers "how many", and with group_by "code" which items have the largest.',
  input: z.strictObject({
    ...ITEM_SCOPE,
    group_by: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'type, owner, environment, status, code (each item alone), or the name of an attribute; without it one group of all',
      ),
    agg: z.enum(['count', 'sum', 'avg', 'min', 'max']).default('count'),
    field: z.string().min(1).max(200).optional().describe('The numeric attribute to sum or average'),
    order: z.enum(['desc', 'asc']).default('desc').describe('Largest or smallest group first'),
    top: z.int().min(1).max(1000).default(50).describe('Groups shown, the first'),
  }),
  output: z.object({
    agg: z.string(),
    group_by: z.string().nullable(),
    field: z.string().nullable(),
    groups: z.array(
      z.object({
        key: z.string().nullable().describe('null: items without this field'),
        value: z.number().nullable(),
        count: z.int().describe('Items of the group'),
        with_value: z
          .int()
          .nullable()
          .describe(
            'Those of them that have a number in `field`, over which `value` is; null without a field',
          ),
      }),
    ),
    total_items: z.int(),
    total_groups: z.int(),
  }),
  effects: 'read',
  idempotent: true,
  timeout_ms: 15_000,
  cache: INVENTORY_CACHE,
  profile: { accuracy: 0.92, complexity: 'high' },
  count: (output) => output.total_items,
  async execute({ group_by, agg, field, order, top, ...scope }, { store }: ToolContext<InventoryStore>) {
    if (agg !== 'count' && field === undefined) throw invalid('field', `"${agg}" needs a numeric attribute`);
    const { where } = await scopeItems(store, scope);
    const number = numberIn(field ?? '');
    const having = field === undefined ? sql`null::int` : sql`count(${number})::int`;
    const value = agg === 'count' ? sql`count(*)::double precision` : sql`${sql.raw(agg)}(${number})`;
    const { rows } = await sql<{
      key: string | null;
      value: number | null;
      count: number;
      with_value: number | null;
      all_groups: number;
      all_items: number;
    }>`
      select ${keyOf(group_by)} as key, ${value} as value, count(*)::int as count, ${having} as with_value,
        (count(*) over ())::int as all_groups, (sum(count(*)) over ())::int as all_items
      from items i where ${where}
      group by 1 order by value ${sql.raw(order)} nulls last, key limit ${top}`.execute(store.db);
    return {
      agg,
      group_by: group_by ?? null,
      field: field ?? null,
      groups: rows.map(({ key, value, count, with_value }) => ({ key, value, count, with_value })),
      total_items: rows[0]?.all_items ?? 0,
      total_groups: rows[0]?.all_groups ?? 0,
    };
  },
});

function keyOf(groupBy: string | undefined): RawBuilder<unknown> {
  if (groupBy === undefined) return sql`'all'::text`;
  const column = FIELDS.find((name) => name === groupBy.toLowerCase());
  if (column !== undefined) return sql.ref(`i.${column}`);
  return sql`i.attributes ->> ${groupBy.replaceAll('\0', '').replace(/^attributes\./, '')}::text`;
}

/**
 * An attribute as a number, with or without an exponent; text that is none counts as missing. Neither the cast nor an
 * average, which squares, can overflow: 50 characters with an exponent of two digits are less than 1e150.
 */
function numberIn(field: string): RawBuilder<unknown> {
  const text = sql`i.attributes ->> ${field.replaceAll('\0', '').replace(/^attributes\./, '')}::text`;
  return sql`case when length(${text}) <= 50
    and ${text} ~ '^[ \\t\\r\\n]*[-+]?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]{1,2})?[ \\t\\r\\n]*$'
    then (${text})::double precision end`;
}
