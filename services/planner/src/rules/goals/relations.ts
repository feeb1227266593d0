import { asks } from '../roles.ts';
import type { Goal } from './goal.ts';
import { relatedScope } from './scope.ts';

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
