import { firstOf, rankAt } from '../figures-of.ts';
import { type AskedToken, asks } from '../roles.ts';
import { isSingular } from '../scan.ts';
import type { Builder, Goal } from './goal.ts';
import { RELATED, RELATION, relatedScope } from './scope.ts';

/** Two items and a word for a way between them. */
export const pathGoal: Goal = (clause, { add }) => {
  const { tokens, text, items } = clause;
  const [from, to] = items.map(({ code }) => code);
  if (!from || !to) return null;
  const places = tokens.flatMap(({ meaning }, at) => (meaning?.kind === 'item' ? [at] : []));
  const between = tokens.slice(places[0], places.at(-1));
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

/** "what runs on the busiest host": a ranking, and what is related to the first of it, as if the clause named that one. */
export const relatedToFirstGoal: Goal = (clause, builder) => {
  const { tokens, time } = clause;
  const { order, count } = clause.figures.rank ?? {};
  const first = firstOf(tokens);
  if (first?.type.meaning?.kind !== 'type' || !isSingular(first.type, builder.lexicon)) return null;
  const { from, to } = first;
  const { type } = first.type.meaning;
  const ranked = tokens.slice(from, to + 1);
  // No other word ranks or measures, and it is not said of which items it is the first.
  const isAlone = tokens.every(
    ({ meaning, roles }, at) =>
      (at >= from && at <= to) ||
      !(
        rankAt(tokens, at) ||
        /^(?:metric|figure)$/.test(roles[0] ?? '') ||
        (at > to && meaning?.kind === 'type')
      ),
  );
  if (!type || !isAlone || count !== null || !asks(clause, ...RELATION)) return null;
  const code = `the ${ranked.map(({ text }) => text).join(' ')}`;
  const item = { id: code, code, name: code, type };
  const named: AskedToken = { text: code, meaning: { kind: 'item', item }, roles: ['item'] };
  const left = tokens.toSpliced(from, ranked.length, named);
  const types = left.flatMap(({ meaning }) => (meaning?.kind === 'type' ? (meaning.type ?? []) : []));
  const [metric] = clause.metrics.flat();
  const ranking = { type: [type], metric, agg: 'avg', range: time?.range ?? 'last_1h', order, top: 1 };
  const $from = builder.add('top', 'metric.aggregate', ranking, `${metric} of ${code}`);
  const when = { $from, path: 'items[0]' };
  const ci_id = { $from, path: 'items[0].id' };
  const add: Builder['add'] = (base, tool, args, purpose, more) =>
    builder.add(base, tool, { ...args, ci_id }, purpose, { when, ...more });
  const scope = relatedScope({ ...clause, tokens: left, types, items: [item] }, { ...builder, add });
  return scope && [...RELATED, 'count', 'metric', 'figure', 'high', 'low'];
};
