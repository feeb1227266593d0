import { type Clause, says } from '../clause.ts';
import { isNumeric } from '../lexicon.ts';
import type { Kind } from '../meaning.ts';
import { nameWords } from '../words.ts';
import type { Builder, Goal } from './goal.ts';
import { itemsOf, scopesOf } from './scope.ts';

/** Of a ranking that names no number. */
const RANKED = 5;
/** As many as the tools show. */
const ALL_ITEMS = 5000;
const ALL_GROUPS = 1000;
/** What may be asked of a figure, of metrics and attributes. */
const FIGURE: Kind[] = ['top', 'high', 'low', 'order', 'bound', 'each_type', 'measure'];
/** What speaks of the past. */
const WAS = /\b(?:was|were|did|had)\b/i;
/** "of all hosts, worst first": an order, and none is left out. */
const ASKS_ALL = /\b(?:all|each|every|per|first)\b/i;
/** "the most memory" and "the busiest" are averages, "the highest" and "the hottest" are single samples. */
const IS_PEAK = /\b(?:(?:high|low|great|long|short|hott|warm|cold|full)est|worst)\b/i;

/** Figures of a metric, of whatever items a clause is about. */
export const metricGoal: Goal = (clause, builder) => {
  const scopes = scopesOf(clause, builder);
  const metrics = metricsOf(clause, builder);
  const { orders, aggs, time, text, refers } = clause;
  if (!metrics || !scopes[0] || orders.length > 1 || (orders.length > 0 && metrics.length > 1)) return null;
  const isRanking = orders.length > 0 && (says(clause, 'type') || refers === 'many');
  for (const { args, of } of scopes)
    for (const metric of metrics)
      for (const agg of aggsOf(clause)) {
        // Without a time, what is and who is first are of the last hour; other extremes, percentiles and what was are of all recorded time.
        const isNow = aggs.includes('last') || ((isRanking || /^(?:avg|last)$/.test(agg)) && !WAS.test(text));
        const { first, told, show } = orderOf(clause, agg, ALL_ITEMS);
        const figure = { ...args, metric, agg, range: time ?? (isNow ? 'last_1h' : 'all'), ...first };
        builder.add('metric', 'metric.aggregate', figure, `${metric} of ${of}${told}`, show);
      }
  return [...scopes[0].uses, ...FIGURE, ...counted(clause), 'metric', 'aggregation', 'time'];
};

/** "by hour", "over time", "when was … at its highest": the course of a metric. */
export const courseGoal: Goal = (clause, builder) => {
  const scopes = scopesOf(clause, builder);
  const metrics = metricsOf(clause, builder);
  const { bucket, aggs, time } = clause;
  if (!metrics || !scopes[0] || aggs.length > 1 || !says(clause, 'bucket', 'trend', 'when')) return null;
  const range = time ?? (says(clause, 'when') ? 'all' : bucket === '1d' ? 'last_7d' : 'last_24h');
  const how = { ...(aggs[0] ? { agg: aggs[0] } : {}), range, ...(bucket ? { bucket } : {}) };
  for (const { args, of } of scopes)
    for (const metric of metrics) {
      const told = `${aggs[0] ? `${aggs[0]} ` : ''}${metric} over time of ${of}`;
      builder.add('series', 'metric.series', { ...args, metric, ...how }, told);
    }
  return [...scopes[0].uses, 'metric', 'measure', 'aggregation', 'bucket', 'trend', 'when', 'time'];
};

/** "which ward has the most beds", "databases larger than 100 GB", "how big are they": a numeric attribute of each item. */
export const attributeGoal: Goal = (clause, builder) => {
  const { bound, orders, refers, text, fields } = clause;
  const [field = ''] = fields;
  const scopes = scopesOf(clause, builder);
  const isOfUnit = !bound?.unit || nameWords(field).includes(bound.unit);
  if (!isNumeric(field, builder.lexicon.catalog) || fields.length > 1 || !isOfUnit || !scopes[0]) return null;
  const asksEach = says(clause, 'high', 'low', 'bound', 'order', 'each_type') || refers !== null;
  if ((!asksEach && !/^how (?!many|much)/i.test(text)) || orders.length > 1) return null;
  const { first, told, show } = orderOf(clause, 'max', ALL_GROUPS);
  const figure = { agg: 'max', field, group_by: 'code', ...first };
  for (const { args, of } of scopes)
    builder.add('figures', 'ci.aggregate', { ...args, ...figure }, `${field} of ${of}${told}`, show);
  return [...scopes[0].uses, ...FIGURE, ...counted(clause), 'field'];
};

/** "how many messages" is a figure, "how many hosts" is one only of those within a bound, and none of events. */
export function counted({ words, bound }: Clause): Kind[] {
  const at = words.findIndex(({ meaning }) => meaning.kind === 'count');
  return bound || words[at + 1]?.meaning.kind !== 'type' ? ['count'] : [];
}

/** What comes first, so that what is asked for is there of however many; below a bound, the lowest. */
function orderOf({ orders, bound, count, text }: Clause, agg: string, all: number) {
  const order = orders[0] ?? (bound?.side === 'below' || agg === 'min' ? 'asc' : 'desc');
  const isTop = orders.length > 0 && !bound;
  const top = isTop && !ASKS_ALL.test(text) ? (count ?? RANKED) : all;
  const inclusive = bound?.inclusive ? { inclusive: true } : {};
  const show = bound ? { show: { [bound.side]: bound.number, ...inclusive } } : {};
  return {
    first: { order, top },
    told: isTop ? `, ${order === 'desc' ? 'highest' : 'lowest'} first` : '',
    show,
  };
}

/** The figures that are named or meant; of several all are told. */
function aggsOf({ aggs, orders, bound, time, text }: Clause): string[] {
  if (aggs.join() === 'last' && time === null) return orders.length > 0 ? ['avg'] : ['last', 'avg'];
  if (aggs.length > 0) return aggs;
  if (orders.length > 0 && IS_PEAK.test(text)) return [orders[0] === 'desc' ? 'max' : 'min'];
  // "p95 latency" of a metric that is a percentile may mean that or a percentile of its samples.
  if (!bound) return ['avg', ...(/\bp9[059]\b/.exec(text.toLowerCase()) ?? [])];
  // "had cpu above 90 last week" is true of a single sample; "has" speaks of now.
  if (time === null && !WAS.test(text)) return ['last'];
  return [bound.side === 'above' ? 'max' : 'min'];
}

/** Of the metrics that each word may mean, those in the unit of a bound, and of these one that the items asked about have; null where a word means none. */
function metricsOf(clause: Clause, builder: Builder): string[] | null {
  const { catalog } = builder.lexicon;
  const earlier = clause.refers === 'many' ? (builder.before?.clause.types ?? []) : [];
  const named = itemsOf(clause, builder).map(({ type }) => type);
  const types = [clause.types, earlier, named].find((each) => each.length > 0) ?? [];
  const unit = clause.bound?.unit ?? null;
  const chosen = clause.metrics.map((meant) => {
    const known = meant.flatMap((name) => catalog.metrics.find((metric) => metric.name === name) ?? []);
    const fitting = known.filter((metric) => unit === null || unit === metric.unit.toLowerCase());
    return fitting.find((metric) => metric.types.some((type) => types.includes(type))) ?? fitting[0];
  });
  const metrics = chosen.flatMap((metric) => metric?.name ?? []);
  return metrics.length > 0 && metrics.length === chosen.length ? [...new Set(metrics)] : null;
}
