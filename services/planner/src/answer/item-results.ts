import { z } from 'zod';
import { describeBounds, isWithin } from './bounds.ts';
import { describer, type Show } from './describer.ts';
import { capital, count, formatFigure, formatNumber, listed } from './words.ts';

const SHOWN = 50;

export const Named = z.object({ code: z.string(), name: z.string(), type: z.string() });
const Item = Named.extend({
  owner: z.string().nullable().optional(),
  environment: z.string().nullable().optional(),
  status: z.string().nullable().optional(),
});
type Item = z.infer<typeof Item>;

/** "orders-db (database, owner team-commerce, production)" */
export function nameItem(item: Item): string {
  const about = [
    item.type,
    item.owner ? `owner ${item.owner}` : '',
    item.environment ?? '',
    item.status && item.status !== 'active' ? item.status : '',
  ];
  return `${item.code} (${about.filter(Boolean).join(', ')})`;
}

export const items = describer(
  z.object({ items: z.array(Item), total: z.number() }),
  ({ items: found, total }, { purpose }) =>
    total === 0
      ? `${capital(purpose)}: there are none.`
      : `${capital(purpose)}, ${total} in all: ${listed(found.map(nameItem), SHOWN, total)}.`,
);

export const itemDetails = describer(
  z.object({
    item: Item.extend({ description: z.string(), attributes: z.record(z.string(), z.unknown()) }),
    relations: z.array(Named.extend({ relation: z.string(), direction: z.enum(['in', 'out']) })),
  }),
  ({ item, relations }) => {
    const title = item.name === item.code ? item.code : `${item.code} (${item.name})`;
    const facts = [
      `${title} is of type ${item.type}`,
      `its owner is ${item.owner ?? 'not known'}`,
      `its environment is ${item.environment ?? 'not known'}`,
      `its status is ${item.status ?? 'not known'}`,
    ];
    const attributes = Object.entries(item.attributes).map(
      ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    const grouped = Map.groupBy(relations, ({ relation, direction }) => `${direction} ${relation}`);
    const sentences = [...grouped].map(([key, others]) => {
      const codes = listed(
        others.map((other) => `${other.code} (${other.type})`),
        SHOWN,
      );
      const [direction, ...relation] = key.split(' ');
      const related = capital(relation.join(' ').replaceAll('_', ' '));
      return direction === 'out' ? `${related}: ${codes}.` : `${related} it: ${codes}.`;
    });
    return [
      `${facts.join('; ')}.`,
      item.description,
      ...(attributes.length > 0 ? [`Attributes: ${attributes.join(', ')}.`] : []),
      ...sentences,
    ]
      .filter(Boolean)
      .join(' ');
  },
);

export const groups = describer(
  z.object({
    agg: z.string(),
    group_by: z.string().nullable(),
    field: z.string().nullable(),
    groups: z.array(
      z.object({
        key: z.string().nullable(),
        value: z.number().nullable(),
        count: z.number(),
        with_value: z.number().nullable(),
      }),
    ),
    total_items: z.number(),
    total_groups: z.number(),
  }),
  (result, { purpose, show }) => {
    const head = capital(purpose);
    if (result.total_items === 0) return `${head}: there are none (0 items).`;
    const figure = (value: number | null) => (value === null ? 'none' : formatFigure(value, ''));
    const [only] = result.groups;
    if (result.group_by === null && only)
      return result.agg === 'count'
        ? `${head}: ${result.total_items}.`
        : `${head}: ${figure(only.value)} (over ${partOf(only)}${count(only.count, 'item')}).`;
    if (result.group_by === 'code') return `${head}${eachItem(result.groups, show)}.`;
    const parts = result.groups.map((group) => {
      const part = result.agg === 'count' || group.value === null ? '' : partOf(group);
      const over = part && ` (over ${part}${count(group.count, 'item')})`;
      return `${group.key ?? `without ${result.group_by}`} ${figure(group.value)}${over}`;
    });
    const kinds = `${result.total_groups} different`;
    return `${head}: ${count(result.total_items, 'item')} in all, ${kinds}: ${listed(parts, SHOWN, result.total_groups)}.`;
  },
);

/** "3 of " where not all items of a group have the figure. */
function partOf({ count, with_value }: { count: number; with_value: number | null }): string {
  return with_value === null || with_value === count ? '' : `${with_value} of `;
}

/** Each item is a group of its own; those that have no such figure are left out. */
function eachItem(groups: { key: string | null; value: number | null }[], show: Show): string {
  const having = groups.flatMap(({ key, value }) => (key === null || value === null ? [] : [{ key, value }]));
  if (having.length === 0) return ': none of them has one';
  const told = having.filter(({ value }) => isWithin(value, show));
  const parts = told.map(({ key, value }) => `${key} ${formatNumber(value)}`);
  const bounds = describeBounds(show);
  if (bounds)
    return `, ${bounds}: ${told.length} of ${having.length}${parts.length > 0 ? `: ${listed(parts, SHOWN)}` : ''}`;
  return `: ${listed(parts, SHOWN)}`;
}
