import type { Clause } from '../clause.ts';
import { hasRelationVerb, relationOf } from '../relation-of.ts';
import { asksEvents, eventArgs } from './events.ts';
import type { Builder, Goal } from './goal.ts';
import { addMetric } from './metrics.ts';
import { foundBy } from './scope.ts';

const WAY = /\b(?:paths?|routes?|way|reach\w*|chain|get from|gets? to|lead\w*)\b/i;

/** Two items and a word for a way between them. */
export const pathGoal: Goal = (clause, builder) => {
  const [from, to] = clause.items;
  if (!from || !to || clause.metrics.length > 0 || clause.events.length > 0) return false;
  const between = clause.tokens.slice(
    clause.tokens.findIndex(({ meaning }) => meaning?.kind === 'item'),
    clause.tokens.findLastIndex(({ meaning }) => meaning?.kind === 'item'),
  );
  const leads = between.some(({ text }) => text === 'to') && !hasRelationVerb(clause.tokens);
  if (
    !leads &&
    !WAY.test(clause.text) &&
    !/\b(?:between|connect\w*|link\w*|relat\w*|from .+ to)\b/i.test(clause.text)
  )
    return false;
  builder.add(
    'path',
    'graph.path',
    { from: from.code, to: to.code },
    `the shortest path between ${from.code} and ${to.code}`,
  );
  return true;
};

/** What an item is related to; with a metric or events in the same clause, those of what is found. */
export const relationGoal: Goal = (clause, builder) => {
  const tokens = withReferent(clause, builder);
  const asked = relationOf(tokens, builder.lexicon.catalog.relation_types) ?? ofTypeBeside(clause);
  const token = asked ? tokens[asked.item_at] : null;
  if (!asked || token?.meaning?.kind !== 'item') return false;
  if (isMetricVerb(clause)) return false;
  const { item } = token.meaning;
  // "which hosts does it use": the type says more than the verb.
  if (asked.direction === 'out' && clause.types.length > 0 && / us(?:e|es|ing) /.test(clause.lower))
    asked.relations = null;
  const { type: _types, attributes, ...only } = clause.filters;
  // What is found has no attributes to filter by; an attribute that the relation's name holds ("api") says nothing more.
  const words = builder.lexicon.relation_words;
  if (Object.values(attributes ?? {}).some((value) => !words.has(value.toLowerCase()))) return false;
  // "does checkout depend on stock-db" wants a yes or a no.
  const other = /^(?:do|does|did|is|are|was|were)\b/i.test(clause.text)
    ? clause.items.find((each) => each.id !== item.id)
    : undefined;
  const filtered = Object.keys(only).length > 0;
  if (clause.items.length > (other ? 2 : 1)) return false;
  const purpose = purposeOf(asked, item.code, clause);
  const found = builder.add(
    'related',
    'graph.expand',
    {
      ci_id: item.code,
      direction: asked.direction,
      depth: asked.depth,
      ...(asked.relations ? { relation_types: asked.relations } : {}),
      ...(clause.types.length > 0 ? { node_types: clause.types } : {}),
    },
    `${purpose}${filtered ? `, ${Object.values(only).flat().join(', ')} only` : ''}`,
    { show: { ...(filtered ? { only } : {}), ...(other ? { whether: other.code } : {}) } },
  );
  // Nothing depends on a host, but things run on it.
  if (asked.direction === 'in' && asked.relations && asked.depth > 1 && !other)
    builder.add(
      'beside',
      'graph.expand',
      {
        ci_id: item.code,
        direction: 'in',
        depth: 1,
        ...(clause.types.length > 0 ? { node_types: clause.types } : {}),
      },
      `${purposeOf({ ...asked, relations: null, impact: false }, item.code, clause)} by any relation`,
      { when: { $from: found, path: 'length(nodes) == `0`' } },
    );
  const ids = foundBy(found);
  if (clause.metrics.length > 0) addMetric(clause, builder, { ci_ids: ids, ...only }, `of ${purpose}`);
  else if (asksEvents(clause) && !/\b(?:if|when)\b/i.test(clause.text))
    builder.add(
      'events',
      'history.event_log',
      { ci_ids: ids, ...only, ...eventArgs(clause) },
      `events of ${purpose}`,
    );
  return true;
};

/** "what depends on the most loaded database": first which one that is, then its relations. */
export const superlativeGoal: Goal = (clause, builder) => {
  const { tokens, figures, metrics } = clause;
  const [metric] = metrics;
  if (clause.items.length > 0 || !metric || !figures.rank) return false;
  const typeAt = tokens.findIndex((token, at) => {
    const before = tokens[at - 1];
    return (
      token.meaning?.kind === 'type' && (before?.meaning?.kind === 'metric' || RANKS.test(before?.text ?? ''))
    );
  });
  const meaning = tokens[typeAt]?.meaning;
  if (meaning?.kind !== 'type' || meaning.type === null) return false;
  const { type } = meaning;
  const item = { id: '', code: 'it', name: 'it', type };
  const read = tokens.map((token, at) =>
    at === typeAt ? { ...token, meaning: { kind: 'item' as const, item } } : token,
  );
  const asked = relationOf(read, builder.lexicon.catalog.relation_types);
  if (!asked) return false;
  const { order } = figures.rank;
  const range = clause.time?.range ?? 'last_1h';
  const first = builder.add(
    'top',
    'metric.aggregate',
    { type, metric, agg: 'avg', range, order, top: 1 },
    `${metric} of ${type}, ${order === 'desc' ? 'highest' : 'lowest'} first`,
  );
  const others = clause.types.filter((each) => each !== type);
  builder.add(
    'related',
    'graph.expand',
    {
      ci_id: { $from: first, path: 'items[0].id' },
      direction: asked.direction,
      depth: asked.depth,
      ...(asked.relations ? { relation_types: asked.relations } : {}),
      ...(others.length > 0 ? { node_types: others } : {}),
    },
    purposeOf(asked, 'it', { ...clause, types: others }),
    { when: { $from: first, path: 'items[0]' } },
  );
  return true;
};

const RANKS = /^(?:busiest|hottest|slowest|fastest|quietest|idlest|worst)$/;

/** "how much memory does payments use": the verb tells what the item has of the metric, not a relation. */
function isMetricVerb({ tokens, items, has_type }: Clause): boolean {
  if (has_type || items.length !== 1) return false;
  const metricAt = tokens.findIndex((token) => token.meaning?.kind === 'metric');
  const itemAt = tokens.findIndex((token) => token.meaning?.kind === 'item');
  return (
    metricAt >= 0 &&
    metricAt < itemAt - 1 &&
    tokens.slice(metricAt + 1, itemAt).every(({ text }) => METRIC_VERB.test(text))
  );
}

const METRIC_VERB = /^(?:do|does|did|is|are|was|being|the|by|used|needed|consumed|taken|required)$/;

type Asked = NonNullable<ReturnType<typeof relationOf>>;

/** "databases of checkout", "checkout's hosts": what is next to an item, of a type. */
function ofTypeBeside(clause: Clause): Asked | null {
  const itemAt = clause.tokens.findIndex((token) => token.meaning?.kind === 'item');
  const [item] = clause.items;
  if (clause.items.length !== 1 || clause.types.length === 0 || (item && clause.types.includes(item.type)))
    return null;
  // "how do the hosts get to checkout" asks for more than what is next to it.
  if (WAY.test(clause.text)) return null;
  return {
    item_at: itemAt,
    direction: 'both',
    relations: null,
    depth: 1,
    impact: false,
  };
}

/** "what depends on it": the pronoun stands for the item before. */
function withReferent(clause: Clause, { before }: Builder): Clause['tokens'] {
  const item = before?.clause.items[0];
  if (clause.items.length > 0 || !item || clause.refers === null) return clause.tokens;
  return clause.tokens.map((token) =>
    /^(?:it|its|they|them|their)$/.test(token.text)
      ? { ...token, meaning: { kind: 'item' as const, item } }
      : token,
  );
}

function purposeOf(asked: Asked, code: string, { types }: Clause): string {
  const what = types.length > 0 ? `${types.join(' and ')} items among ` : '';
  if (asked.impact) return `${what}what would be affected by ${code}`;
  if (asked.relations === null) {
    if (asked.direction === 'both') return `${what}what is related to ${code}`;
    return asked.direction === 'in' ? `${what}what points at ${code}` : `${what}what ${code} points at`;
  }
  const names = asked.relations.map((name) => name.replaceAll('_', ' ')).join(' or ');
  return asked.direction === 'in' ? `${what}what ${names} ${code}` : `${what}what ${code} ${names}`;
}
