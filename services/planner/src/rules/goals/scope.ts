import type { Clause } from '../clause.ts';
import { describeFilters, type ItemFilters } from '../filters.ts';
import type { Kind, NamedItem } from '../meaning.ts';
import type { Builder, RuleStep, Scope } from './goal.ts';
import { relatedScope } from './relations.ts';

const ITEMS: Kind[] = ['item', 'it', 'they', 'type'];
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
  const walk = steps.find((step) => step.tool === 'graph.expand');
  if (walk && (refers === 'many' || !start) && (types.length === 0 || ofTypes(told.types)))
    return [found(walk)];
  // "which services run on vm-1 and how busy is that vm"
  if (start && (types.length > 0 || !walk)) return ofTypes([start.type]) ? [named(told.items)] : [];
  // "it" may be the item or what was found: both are told.
  if (start && walk) return [named([start]), found(walk)];
  const all = { ...told.filters, ...filters };
  const isSame = Object.keys(told.filters).length > 0 && ofTypes(told.types);
  return refers === 'many' && isSame ? [filtered(all)] : [];
}

function named(items: NamedItem[]): Scope {
  const codes = items.map(({ code }) => code);
  return { args: { ci_ids: codes }, of: codes.join(', '), uses: ITEMS };
}

function filtered(filters: ItemFilters): Scope {
  const owns: Kind[] = filters.owner || filters.except ? ['owns'] : [];
  return { args: { ...filters }, of: describeFilters(filters), uses: [...FILTERED, ...owns] };
}

/** All that a step found, also through others. */
function found({ id, purpose }: RuleStep): Scope {
  return { args: { ci_ids: { $from: id, path: 'nodes[].id' } }, of: purpose, uses: ITEMS };
}

/** The items a clause names, or those of the clause before for "it" and "they". */
export function itemsOf({ items, refers }: Clause, { before }: Pick<Builder, 'before'>): NamedItem[] {
  return items.length > 0 || refers === null ? items : (before?.clause.items ?? []);
}
