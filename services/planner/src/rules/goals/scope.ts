import { type Clause, describeFilters } from '../clause.ts';
import type { NamedItem } from '../lexicon.ts';
import { type Builder, FILTERS, type Scope } from './goal.ts';
import { foundBy, relatedScope } from './relations.ts';

const uses = ['item', 'it', ...FILTERS] as const;

/** The items of a clause: what is related to others, what it names, what the clause before found, or all that pass its filters. None where "it" or "they" stands for nothing. */
export function scopesOf(clause: Clause, builder: Builder): Scope[] {
  const related = relatedScope(clause, builder);
  // "the load of orders-db and of what depends on it"
  const own = clause.refers === 'one' ? clause.items.slice(0, 1).map((item) => named(item)) : [];
  if (related) return [...own.map((scope) => ({ ...scope, uses: related.uses })), related];
  const { before } = builder;
  const refers = clause.refers !== null && clause.items.length === 0;
  const walk = refers ? before?.steps.find((step) => step.tool === 'graph.expand') : undefined;
  if (walk) {
    const found = { args: { ci_ids: foundBy(walk.id) }, of: walk.purpose, uses };
    const start = before?.clause.items[0];
    // "which services run on vm-1 and how busy is that vm"
    if (start && clause.types.includes(start.type) && !before?.clause.types.includes(start.type))
      return [named(start)];
    // "it" may be the item or what was found: both are told.
    return start && clause.refers === 'one' ? [named(start), found] : [found];
  }
  const items = itemsOf(clause, builder);
  if (items.length > 0) return [named(...items)];
  // "they" are what the clause before told; "it" must stand for something: all would answer another question.
  const filters = refers && before && clause.refers === 'many' ? before.clause.filters : clause.filters;
  if (refers && Object.keys(filters).length === 0) return [];
  return [{ args: { ...filters }, of: describeFilters(filters), uses }];
}

function named(...items: NamedItem[]): Scope {
  const codes = items.map((item) => item.code);
  return { args: { ci_ids: codes }, of: codes.join(', '), uses: uses.filter((role) => role !== 'except') };
}

/** The items a clause names, or those of the clause before for "it" and "they". */
export function itemsOf(clause: Clause, { before }: Builder): NamedItem[] {
  return clause.items.length > 0 || clause.refers === null ? clause.items : (before?.clause.items ?? []);
}
