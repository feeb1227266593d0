import { type Clause, describeFilters } from '../clause.ts';
import type { NamedItem } from '../lexicon.ts';
import { type Asked, relationOf } from '../relation-of.ts';
import { asks } from '../roles.ts';
import { type Builder, FILTERS, type Scope } from './goal.ts';

/** What asks for what is related to an item, and what more may be said of that. */
export const RELATION = ['relation', 'dependents', 'dependencies', 'neighbours', 'impact'] as const;
export const RELATED = [...RELATION, 'type', 'apart', 'state', 'direct', 'indirect'] as const;

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

/** All that a step found, also through others: the answer tells them all. */
const foundBy = (step: string) => ({ $from: step, path: 'nodes[].id' });

/** What is related to an item that a clause speaks of; null when it asks for no relation. */
export function relatedScope(clause: Clause, builder: Builder): Scope | null {
  const { tokens, types } = clause;
  const item = itemsOf(clause, builder)[0]?.code;
  const itemAt = tokens.findIndex(({ meaning }) => meaning?.kind === 'item');
  const pronounAt = tokens.findIndex(({ text }) => /^its?$/.test(text));
  // "orders-db and what depends on it": "it" stands where the item is meant.
  const at = clause.items.length > 1 ? itemAt : Math.max(itemAt, pronounAt);
  if (!item || at < 0) return null;
  const asked = relationOf(tokens, at, builder.lexicon.catalog.relation_types) ?? beside(clause);
  // "does checkout depend on stock-db" wants a yes or a no.
  const asksWhether = /^(?:do|does|did|is|are|was|were)\b/i.test(clause.text) && !clause.is_list;
  const other = asksWhether ? clause.items.find(({ code }) => code !== item)?.code : undefined;
  if (!asked || clause.items.length > (other ? 2 : 1)) return null;
  const { type: _types, attributes: _attributes, ...only } = clause.filters;
  const filtered = Object.values(only).flat().join(', ');
  // "which hosts does it use", "does it use host-01": what is used says more than the verb.
  const isUse = asked.direction === 'out' && tokens.some(({ text }) => /^us(?:es?|ing)$/.test(text));
  const relation = isUse && (types[0] || other) ? { ...asked, relations: null } : asked;
  const narrowed = types.length > 0 ? { node_types: types } : {};
  const among = types.length > 0 ? `${types.join(' and ')} items among ` : '';
  const expand = (base: string, asked: Asked, told: string, more: object) => {
    const { direction, depth, relations } = asked;
    const by = relations ? { relation_types: relations } : {};
    const args = { ci_id: item, direction, depth, ...by, ...narrowed };
    return builder.add(base, 'graph.expand', args, `${among}what ${toldOf(asked, item)}${told}`, more);
  };
  const show = { ...(filtered ? { only } : {}), ...(other ? { whether: other } : {}) };
  const $from = expand('related', relation, filtered && `, ${filtered} only`, { show });
  // Nothing depends on a host, but things run on it.
  if (relation.direction === 'in' && relation.relations && relation.depth > 1 && !other) {
    const any = { ...relation, relations: null, depth: 1 };
    expand('beside', any, ' by any relation', { when: { $from, path: 'length(nodes) == `0`' } });
  }
  return {
    args: { ci_ids: foundBy($from), ...only },
    of: `${among}what ${toldOf(relation, item)}`,
    uses: [...RELATED, ...(['item', 'it', 'value'] as const), ...(only.owner ? (['owns'] as const) : [])],
  };
}

/** "databases of checkout", "checkout's hosts": what is next to an item, of a type. */
function beside(clause: Clause): Asked | null {
  const { items, types } = clause;
  const isOther = items.length === 1 && types.length > 0 && items.every(({ type }) => !types.includes(type));
  return isOther && !asks(clause, 'way') ? { direction: 'both', relations: null, depth: 1 } : null;
}

export function toldOf({ impact, relations, direction, depth }: Asked, code: string): string {
  if (impact) return `would be affected by ${code}`;
  if (relations === null && direction === 'both') return `is related to ${code}`;
  const named = relations?.map((name) => name.replaceAll('_', ' ')).join(' or ');
  const verb = named ?? (depth > 1 ? 'depends on' : 'points at');
  return direction === 'in' ? `${verb} ${code}` : `${code} ${verb}`;
}
