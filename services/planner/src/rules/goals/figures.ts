import type { Clause } from '../clause.ts';
import { isNumeric, type Lexicon, nameWords } from '../lexicon.ts';
import { asksFor } from '../relation-of.ts';
import { asks } from '../roles.ts';
import { FIGURE, type Goal } from './goal.ts';
import { scopesOf } from './scope.ts';

/** Of a ranking that names no number. */
const RANKED = 5;
/** As many as the tools show. */
const ALL_ITEMS = 5000;
const ALL_GROUPS = 1000;

/** "the highest and the lowest …": the same is asked of either end. */
const ofBothEnds =
  (goal: Goal): Goal =>
  (clause, builder) => {
    const { rank, other_end } = clause.figures;
    const uses = goal(clause, builder);
    if (!rank || !other_end) return uses;
    const other = { ...rank, order: rank.order === 'desc' ? 'asc' : 'desc' } as const;
    return goal({ ...clause, figures: { ...clause.figures, rank: other } }, builder);
  };

/** Figures of a metric, of whatever items a clause is about. */
export const metricGoal = ofBothEnds((clause, builder) => {
  const scopes = scopesOf(clause, builder);
  if (clause.metrics.length === 0 || !scopes[0]) return null;
  if (asks(clause, 'why'))
    builder.notes.push('These are figures, not reasons: without a model nothing here says why.');
  const { bounds, aggs: named } = clause.figures;
  const courses = coursesOf(clause);
  for (const { args: scope, of } of scopes)
    for (const metric of clause.metrics.flat()) {
      const aggs = courses.length > 0 ? [] : aggregations(clause, metric);
      // Without a time, load is of now; an extreme, a percentile and what was are of all recorded time.
      const areNow = aggs.every((agg) => /^(?:avg|last)$/.test(agg) || nameWords(metric).includes(agg));
      const isNow = named.includes('last') || (areNow && !WAS.test(clause.text));
      const range = clause.time?.range ?? (isNow ? 'last_1h' : 'all');
      const part = { ...scope, metric };
      for (const { args, told } of courses)
        builder.add('series', 'metric.series', { ...part, ...args }, `${told(metric)} of ${of}`);
      for (const agg of aggs) {
        const args = { ...part, agg, range, ...orderOf(clause, ALL_ITEMS, agg) };
        const isOne = Array.isArray(scope.ci_ids) && scope.ci_ids.length === 1;
        const purpose = `${metric} of ${of}${isOne ? '' : rankedBy(clause)}`;
        builder.add('metric', 'metric.aggregate', args, purpose, bounds ? { show: bounds } : {});
      }
    }
  // The course of a metric is told whole, without a bound.
  const figure = FIGURE.filter((role) => !(courses.length > 0 && role === 'bound'));
  const rest = ['metric', 'figure', 'now', 'last', 'first', 'trend', 'by_time', 'why'] as const;
  return [...scopes[0].uses, ...figure, ...rest];
});

/** "which ward has the most beds", "databases larger than 100 GB", "the total size of …": a numeric attribute, item by item or of all. */
export const attributeGoal = ofBothEnds((clause, builder) => {
  const { rank, bounds, aggs } = clause.figures;
  const fields = attributesOf(clause, builder.lexicon);
  const [group, ...others] = clause.fields.filter((field) => !fields.includes(field));
  const [scope] = scopesOf(clause, builder);
  if (!fields[0] || !scope || others.length > 0) return null;
  const each = asks(clause, 'by_type', 'it') || /\bhow (?!many\b|much\b)/i.test(clause.text);
  if (rank || bounds || each || /\b(?:sort|order|rank)(?:ed)? by\b/i.test(clause.text)) {
    // "the owner of the largest database" asks for more than its size.
    if (group) return null;
    for (const { args, of } of scopesOf(clause, builder))
      for (const field of fields) {
        const figure = { ...args, agg: 'max', field, group_by: 'code', ...orderOf(clause, ALL_GROUPS) };
        const show = bounds ? { show: bounds } : {};
        builder.add('figures', 'ci.aggregate', figure, `${field} of ${of}${rankedBy(clause)}`, show);
      }
    return [...scope.uses, 'field', ...FIGURE];
  }
  const all = aggs.length === 0 || asks(clause, 'total') ? ['sum', ...aggs] : aggs;
  if (!all.every((agg) => /^(?:sum|avg|min|max)$/.test(agg)) || !asks(clause, 'count', 'total', 'figure'))
    return null;
  for (const agg of all) {
    const figure = { agg, field: fields[0], ...scope.args, ...(group ? { group_by: group } : {}) };
    builder.add('figures', 'ci.aggregate', figure, `${agg} of ${fields[0]} of ${scope.of}`);
  }
  return [...scope.uses, 'field', 'count', 'total', 'figure', 'by_field', 'owns'];
});

/** The numeric attributes that a clause speaks of, in the unit that is asked for. */
function attributesOf({ fields, figures: { unit } }: Clause, { catalog }: Lexicon): string[] {
  const numeric = fields.filter((field) => isNumeric(field, catalog));
  return numeric.filter((field) => unit === null || nameWords(field).includes(unit));
}

/** "of all hosts, worst first": an order, and none is left out. */
const ASKS_ALL = /\b(?:all|each|every|per|first)\b/i;

/** What is asked for comes first, so that it is there of however many. */
function orderOf({ figures: { rank, bounds }, text }: Clause, all: number, agg = 'max') {
  const isBelow = bounds?.below !== undefined && bounds.above === undefined;
  const top = rank && !bounds && !ASKS_ALL.test(text) ? (rank.count ?? RANKED) : all;
  return { order: rank?.order ?? (isBelow || agg === 'min' ? 'asc' : 'desc'), top };
}

function rankedBy({ figures: { rank, bounds } }: Clause): string {
  return rank && !bounds ? `, ${rank.order === 'desc' ? 'highest' : 'lowest'} first` : '';
}

const ASKS_WHEN = /^(?:and |at )?(?:when|what time|which (?:day|hour))\b|\btime of (?:the )?day\b/i;
/** What speaks of the past. */
const WAS = /\b(?:was|were|did|had)\b/i;
const BUCKETS: Record<string, string> = { hour: '1h', day: '1d', week: '7d' };

/** "by day", "over time", "when was … at its highest": the course of a metric; none when a figure of it is asked for. */
function coursesOf(clause: Clause) {
  const { time, figures, tokens, text } = clause;
  const at = tokens.findIndex(({ roles }) => roles.includes('by_time'));
  const bucket = at < 0 ? undefined : tokens.slice(at).find((token) => token.text in BUCKETS)?.text;
  const when = ASKS_WHEN.test(text);
  if (bucket) {
    const range = time?.range ?? (bucket === 'hour' ? 'last_24h' : 'last_7d');
    return (figures.aggs.length > 0 ? figures.aggs : ['avg']).map((agg) => ({
      args: { agg, range, bucket: BUCKETS[bucket] },
      told: (metric: string) => `${agg === 'avg' ? 'average' : agg} ${metric} by ${bucket}`,
    }));
  }
  if (!when && !asks(clause, 'trend')) return [];
  // The time of a peak is told with the series; of an hour's mean no peak is left.
  const named = figures.aggs.filter((agg) => /^(?:avg|min|max)$/.test(agg));
  const peak = when ? [figures.rank?.order === 'asc' ? 'min' : 'max'] : [undefined];
  const range = time?.range ?? (when ? 'all' : 'last_24h');
  return (named.length > 1 ? named : peak).map((agg) => ({
    args: { ...(agg ? { agg } : {}), range },
    told: (metric: string) => `${named.length > 1 ? `${agg} ` : ''}${metric} over time`,
  }));
}

/** The figures that are named or may be meant; of several all are told. */
function aggregations(clause: Clause, metric: string): string[] {
  const { aggs, rank, bounds } = clause.figures;
  const named = aggs.filter((agg) => agg !== 'last' || !rank);
  const own = aggs.filter((agg) => nameWords(metric).includes(agg));
  // "the highest cpu of db-01", "of any host" asks for a peak, "the host with the highest cpu" for a ranking.
  const asksPeak = rank && (clause.items.length === 1 || (rank.count === null && asksExtreme(clause)));
  if (asksPeak && own.length === aggs.length) return [rank.order === 'desc' ? 'max' : 'min', ...own];
  // A metric whose name says a percentile may be meant averaged or as that percentile of its samples.
  if (own.length > 0) return [...new Set(['avg', ...named])];
  // "now" may be the newest sample or the last hour.
  if (aggs.join() === 'last') return rank ? ['avg'] : clause.time ? ['last'] : ['last', 'avg'];
  if (named.length > 0) return named;
  // "had cpu above 90 last week" is true of a single sample; "has" speaks of now.
  if (bounds && clause.time === null && !WAS.test(clause.text)) return ['last'];
  return [bounds ? (bounds.above === undefined ? 'min' : 'max') : 'avg'];
}

/** "the lowest memory of any database", "the longest wait": a single figure, not which item has it. */
function asksExtreme({ tokens, text, types }: Clause): boolean {
  if (/^(?:which|who)\b/i.test(text)) return false;
  return tokens.some(({ meaning }, at) => {
    const [before, after] = [tokens[at - 1], tokens[at + 1]];
    const isRanked = before && (asksFor(before, 'high') || asksFor(before, 'low'));
    if (meaning?.kind !== 'metric' || !isRanked) return false;
    const isAlone = types.length === 0 && !/^(?:most|least|top|bottom|fewest)$/.test(before.text);
    return isAlone || /^(?:of|on|for|across|among|at|in)$/.test(after?.text ?? '');
  });
}
