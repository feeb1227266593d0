import type { Json } from '@planyard/contracts';
import { type Clause, isList } from '../clause.ts';
import { type AskedRelation, relationOf } from '../relation-of.ts';
import { asks } from '../roles.ts';
import type { Token } from '../scan.ts';
import type { Builder, Goal, Scope } from './goal.ts';

/** Two items and a word for a way between them. */
export const pathGoal: Goal = (clause, { add }) => {
  const { tokens, text } = clause;
  const [from, to] = clause.items.map(({ code }) => code);
  if (!from || !to) return null;
  const isItem = ({ meaning }: Token) => meaning?.kind === 'item';
  const between = tokens.slice(tokens.findIndex(isItem), tokens.findLastIndex(isItem));
  const leads = between.some((token) => token.text === 'to') && !asks(clause, 'relation');
  const connects = /\b(?:connect\w*|link\w*|relat\w*|from .+ to)\b/i.test(text);
  if (!leads && !connects && !asks(clause, 'way')) return null;
  add('path', 'graph.path', { from, to }, `the shortest path between ${from} and ${to}`);
  return ['item', 'way', 'relation', 'neighbours', 'low', 'indirect', 'direct', 'count'];
};

/** What is related to an item, of which nothing else is asked. */
export const relationGoal: Goal = (clause, builder) => {
  const scope = relatedScope(clause, builder);
  return scope && [...scope.uses, 'count'];
};

/** What is related to an item that a clause names, or to the first of a ranking; null when it asks for no relation. */
export function relatedScope(clause: Clause, builder: Builder): Scope | null {
  const start = startOf(clause, builder);
  const asked =
    start && (relationOf(start.tokens, start.at, builder.lexicon.catalog.relation_types) ?? beside(clause));
  if (!asked) return null;
  const { code, ranked } = start;
  // "does checkout depend on stock-db" wants a yes or a no.
  const asksWhether = /^(?:do|does|did|is|are|was|were)\b/i.test(clause.text) && !isList(clause);
  const other = asksWhether ? clause.items.find((item) => item.code !== code) : undefined;
  if (clause.items.length > (other ? 2 : 1)) return null;
  const first = ranked && topOf(ranked, clause, builder);
  const types = clause.types.filter((type) => type !== ranked);
  const { type: _types, attributes: _attributes, ...only } = clause.filters;
  const filtered = Object.values(only).flat().join(', ');
  // "which hosts does it use", "does it use host-01": what is used says more than the verb.
  const isUse = clause.tokens.some(({ text }) => /^us(?:es?|ing)$/.test(text));
  const relations = isUse && asked.direction === 'out' && (types[0] || other) ? null : asked.relations;
  const expand = (base: string, relation: AskedRelation, told: string, more: object) =>
    builder.add(
      base,
      'graph.expand',
      {
        ci_id: first ? { $from: first, path: 'items[0].id' } : code,
        direction: relation.direction,
        depth: relation.depth,
        ...(relation.relations ? { relation_types: relation.relations } : {}),
        ...(types.length > 0 ? { node_types: types } : {}),
      },
      `${purposeOf(relation, code, types)}${told}`,
      more,
    );
  const relation = { ...asked, relations };
  const found = expand('related', relation, filtered && `, ${filtered} only`, {
    show: { ...(filtered ? { only } : {}), ...(other ? { whether: other.code } : {}) },
    ...(first ? { when: { $from: first, path: 'items[0]' } } : {}),
  });
  // Nothing depends on a host, but things run on it.
  if (asked.direction === 'in' && relations && asked.depth > 1 && !other && !first)
    expand('beside', { ...relation, relations: null, impact: false, depth: 1 }, ' by any relation', {
      when: { $from: found, path: 'length(nodes) == `0`' },
    });
  return {
    args: { ci_ids: foundBy(found), ...only },
    of: purposeOf(relation, code, types),
    uses: [
      ...(['item', 'it', 'type', 'apart', 'value', 'relation', 'dependents', 'dependencies'] as const),
      ...(['neighbours', 'impact', 'state', 'direct', 'indirect'] as const),
      ...(only.owner ? (['owns'] as const) : []),
      ...(ranked ? (['metric', 'high', 'low'] as const) : []),
    ],
  };
}

/** All that a step found, also through others: the answer tells them all. */
export function foundBy(step: string): Json {
  return { $from: step, path: 'nodes[].id' };
}

interface Start {
  /** The tokens of the clause, in which the start is an item. */
  tokens: Token[];
  at: number;
  code: string;
  /** The type of which it is the first. */
  ranked?: string;
}

/** Where a walk begins: "what depends on db-01", "… on it", "… on the most loaded database". */
function startOf({ tokens, items, refers, figures, metrics }: Clause, { before }: Builder): Start | null {
  const as = (at: number, code: string, type: string): Start => {
    const item = { id: '', code, name: code, type };
    return { tokens: tokens.with(at, { text: code, meaning: { kind: 'item', item } }), at, code };
  };
  const named = tokens.findIndex(({ meaning }) => meaning?.kind === 'item');
  const pronoun = tokens.findIndex(({ text }) => /^its?$/.test(text));
  // "orders-db and what depends on it": "it" stands where the item is meant.
  if (items[0])
    return { tokens, at: items.length === 1 ? Math.max(named, pronoun) : named, code: items[0].code };
  const [earlier] = before?.clause.items ?? [];
  if (refers !== null && earlier && pronoun >= 0) return as(pronoun, earlier.code, earlier.type);
  const ranked = tokens.findIndex(
    ({ meaning }, at) => meaning?.kind === 'type' && tokens[at - 1]?.meaning?.kind === 'metric',
  );
  const meaning = tokens[ranked]?.meaning;
  if (meaning?.kind !== 'type' || meaning.type === null || !figures.rank || metrics.length !== 1) return null;
  return { ...as(ranked, 'it', meaning.type), ranked: meaning.type };
}

function topOf(type: string, { metrics, figures, time }: Clause, { add }: Builder): string {
  const order = figures.rank?.order ?? 'desc';
  const metric = metrics[0]?.[0];
  const args = { type, metric, agg: 'avg', range: time?.range ?? 'last_1h', order, top: 1 };
  const end = order === 'desc' ? 'highest' : 'lowest';
  return add('top', 'metric.aggregate', args, `${metric} of ${type}, ${end} first`);
}

/** "databases of checkout", "checkout's hosts": what is next to an item, of a type. */
function beside(clause: Clause): AskedRelation | null {
  const { items, types } = clause;
  const [item, other] = items;
  if (!item || other || types.length === 0 || types.includes(item.type) || asks(clause, 'way')) return null;
  return { direction: 'both', relations: null, depth: 1, impact: false };
}

function purposeOf(
  { impact, relations, direction, depth }: AskedRelation,
  code: string,
  types: string[],
): string {
  const what = types.length > 0 ? `${types.join(' and ')} items among ` : '';
  if (impact) return `${what}what would be affected by ${code}`;
  if (relations === null && direction === 'both') return `${what}what is related to ${code}`;
  const named = relations?.map((name) => name.replaceAll('_', ' ')).join(' or ');
  const verb = named ?? (depth > 1 ? 'depends on' : 'points at');
  return `${what}what ${direction === 'in' ? `${verb} ${code}` : `${code} ${verb}`}`;
}
