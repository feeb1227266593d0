import { type Clause, isOneOfType, says } from '../clause.ts';
import { describeFilters, type ItemFilters } from '../filters.ts';
import type { Kind, NamedItem } from '../meaning.ts';
import type { Builder, Scope } from './goal.ts';
import { relatedScope } from './relations.ts';

/** What names items. */
export const ITEMS: Kind[] = ['item', 'it', 'they', 'type'];
const FILTERED: Kind[] = [...ITEMS, 'value', 'attribute', 'except'];

/** The items of a clause: what is related to others, what it names, what the clause before found, or all that pass its filters. None where "it" or "they" stands for nothing. */
export function scopesOf(clause: Clause, builder: Builder): Scope[] {
  const { items, types, refers, filters } = clause;
  const { before } = builder;
  const related = relatedScope(clause, builder);
  // "the load of orders-db and of what depends on it"
  const own = refers === 'one' && items[0] ? [{ ...named([items[0]]), uses: related?.uses ?? [] }] : [];
  if (related) return [...own, related];
  if (items.length > 0)
    return types.every((type) => items.every((item) => item.type === type)) ? [named(items)] : [];
  if (refers === null || !before) return [filtered(filters)];
  const { clause: told, steps } = before;
  const [start] = told.items;
  // They are of the types that were told.
  const ofTypes = (of: string[]) => types.every((type) => of.includes(type));
  const walk = steps.findLast(({ id }) => id.startsWith('related'));
  if (walk && (refers === 'many' || !start) && (types.length === 0 || ofTypes(told.types)))
    return [found(walk.id, 'nodes[].id', walk.purpose)];
  // "which services run on vm-1 and how busy is that vm"
  if (start && (types.length > 0 || !walk)) return ofTypes([start.type]) ? [named(told.items)] : [];
  // "it" may be the item or what was found: both are told.
  if (start && walk) return [named([start]), found(walk.id, 'nodes[].id', walk.purpose)];
  if (!ofTypes(told.types)) return [];
  if (told.orders.length > 0) return rankedBefore(builder.before, refers);
  // What is beyond a bound, and what something happened to, only the answer knows.
  const isWhole = !told.bound && !says(told, 'event', 'happened') && Object.keys(told.filters).length > 0;
  return refers === 'many' && isWhole ? [filtered({ ...told.filters, ...filters })] : [];
}

/** The first ones of a ranking; "it" is the first of a ranking that asks for one. */
function rankedBefore(before: Builder['before'], refers: 'one' | 'many'): Scope[] {
  const { id, tool, purpose } = before?.steps.at(-1) ?? {};
  const isRanking = tool === 'metric.aggregate' || tool === 'ci.aggregate';
  if (!before || !id || !isRanking || before.clause.bound || (refers === 'one' && !asksOne(before.clause)))
    return [];
  const list = tool === 'metric.aggregate' ? ['items', 'id'] : ['groups', 'key'];
  return [found(id, list.join(refers === 'one' ? '[:1].' : '[].'), `the first by ${purpose}`)];
}

/** "which host is the busiest": a ranking of which one is asked for. */
export function asksOne({ orders, count, words }: Clause): boolean {
  return orders.length === 1 && (count ?? 1) === 1 && words.some(isOneOfType);
}

function named(items: NamedItem[]): Scope {
  const codes = items.map(({ code }) => code);
  return { args: { ci_ids: codes }, of: codes.join(', '), uses: ITEMS };
}

function filtered(filters: ItemFilters): Scope {
  const owns: Kind[] = filters.owner || filters.except ? ['owns'] : [];
  return { args: { ...filters }, of: describeFilters(filters), uses: [...FILTERED, ...owns] };
}

/** All that a step found. */
function found($from: string, path: string, of = ''): Scope {
  return { args: { ci_ids: { $from, path } }, of, uses: ITEMS };
}

/** The items a clause names, or those of the clause before for "it" and "they". */
export function itemsOf({ items, refers }: Clause, { before }: Pick<Builder, 'before'>): NamedItem[] {
  return items.length > 0 || refers === null ? items : (before?.clause.items ?? []);
}
