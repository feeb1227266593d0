import { type Clause, describeFilters } from '../clause.ts';
import type { NamedItem } from '../lexicon.ts';
import { type Builder, FILTERS, type Scope } from './goal.ts';
import { foundBy, relatedScope } from './relations.ts';

const uses = ['item', 'it', ...FILTERS] as const;

/** The items of a clause: what is related to others, what it names, what the clause before found, or all that pass its filters. None where "it" or "they" stands for nothing. */
export function scopesOf(clause: Clause, builder: Builder): Scope[] {
  const related = relatedScope(clause, builder);
  const [named] = clause.items;
  // "the load of orders-db and of what depends on it"
  if (related && named && clause.refers === 'one')
    return [{ args: { ci_ids: [named.code] }, of: named.code, uses: related.uses }, related];
  if (related) return [related];
  const { before } = builder;
  const refers = clause.refers !== null && clause.items.length === 0;
  const walk = refers ? before?.steps.find((step) => step.tool === 'graph.expand') : undefined;
  if (walk) {
    const found = { args: { ci_ids: foundBy(walk.id) }, of: walk.purpose, uses };
    // "it" may be the item or what was found: both are told.
    const own = before?.clause.items[0];
    if (!own) return [found];
    const item = { args: { ci_ids: [own.code] }, of: own.code, uses };
    // "which services run on vm-1 and how busy is that vm"
    if (clause.types.includes(own.type) && !before?.clause.types.includes(own.type)) return [item];
    return clause.refers === 'one' ? [item, found] : [found];
  }
  const codes = itemsOf(clause, builder).map((item) => item.code);
  if (codes.length > 0)
    return [
      { args: { ci_ids: codes }, of: codes.join(', '), uses: uses.filter((role) => role !== 'except') },
    ];
  // "they" are what the clause before told; "it" must stand for something: all would answer another question.
  const filters = refers && before && clause.refers === 'many' ? before.clause.filters : clause.filters;
  if (refers && Object.keys(filters).length === 0) return [];
  return [{ args: { ...filters }, of: describeFilters(filters), uses }];
}

/** The items a clause names, or those of the clause before for "it" and "they". */
export function itemsOf(clause: Clause, { before }: Builder): NamedItem[] {
  return clause.items.length > 0 || clause.refers === null ? clause.items : (before?.clause.items ?? []);
}
