import { CHANGES, type Clause } from '../clause.ts';
import type { AskedFigures } from '../figures-of.ts';
import { isNumeric, type Lexicon, nameWords } from '../lexicon.ts';
import { asksFor } from '../relation-of.ts';
import { asks } from '../roles.ts';
import { ATTRIBUTES, type Goal, METRICS } from './goal.ts';
import { scopesOf } from './scope.ts';

/** Of a ranking that names no number. */
const RANKED = 5;
/** As many as the tools show. */
const ALL = 5000;
const GROUPS = 1000;

/** Figures of a metric, of whatever items a clause is about. */
export const metricGoal: Goal = (clause, builder) => {
  if (clause.metrics.length === 0) return null;
  if (asks(clause, 'why'))
    builder.note('These are figures, not reasons: without a model nothing here says why.');
  const scopes = scopesOf(clause, builder);
  // The course of a metric is told whole, without a bound.
  let isCourse = false;
  for (const { args: scope, of } of scopes)
    for (const metric of clause.metrics.flatMap(([first]) => first ?? []))
      for (const agg of aggregations(clause, metric)) {
        const { args, what } = seriesOf(clause, metric, agg) ?? {};
        const { rank, bounds } = clause.figures;
        isCourse ||= args !== undefined;
        if (args) builder.add('series', 'metric.series', { ...scope, ...args }, `${what} of ${of}`);
        else
          builder.add(
            'metric',
            'metric.aggregate',
            {
              ...scope,
              metric,
              agg,
              range: clause.time?.range ?? (spansAll(clause, metric) ? 'all' : 'last_1h'),
              order: orderOf(clause.figures),
              top: rank && !bounds && !ASKS_ALL.test(clause.text) ? (rank.count ?? RANKED) : ALL,
            },
            `${metric} of ${of}${bounds ? '' : rankedBy(rank)}`,
            bounds ? { show: bounds } : {},
          );
      }
  const uses = [...METRICS, ...(scopes[0]?.uses ?? []), 'why'] as const;
  return scopes[0] ? uses.filter((role) => !(isCourse && role === 'bound')) : null;
};

/** "which ward has the most beds", "databases larger than 100 GB", "how many beds does each ward have": a numeric attribute, item by item. */
export const attributeGoal: Goal = (clause, builder) => {
  const fields = attributesOf(clause, builder.lexicon);
  const { rank, bounds } = clause.figures;
  const each = clause.fields.length > 0 ? asks(clause, 'by_type', 'it') : /\bhow\b/i.test(clause.text);
  const sorts = /\b(?:sort|order|rank)(?:ed)? by\b/i.test(clause.text);
  // "the owner of the largest database" asks for more than its size.
  const other = clause.fields.some((field) => !fields.includes(field));
  if (fields.length === 0 || other || !(rank || bounds || each || sorts)) return null;
  const scopes = scopesOf(clause, builder);
  const top = rank && !bounds ? (rank.count ?? RANKED) : GROUPS;
  for (const { args, of } of scopes)
    for (const field of fields)
      builder.add(
        'figures',
        'ci.aggregate',
        { ...args, agg: 'max', field, group_by: 'code', order: orderOf(clause.figures), top },
        `${field} of ${of}${rankedBy(rank)}`,
        bounds ? { show: bounds } : {},
      );
  return scopes[0] ? [...scopes[0].uses, ...ATTRIBUTES] : null;
};

/** The numeric attribute that a clause names, or those that its adjective may speak of; in the unit that is asked for. */
function attributesOf({ fields, tokens, figures }: Clause, { catalog }: Lexicon): string[] {
  const named = fields.filter((field) => isNumeric(field, catalog)).slice(0, 1);
  const implied = tokens.flatMap(({ meaning }) => (meaning?.kind === 'adjective' ? meaning.fields : []));
  return (named.length > 0 ? named : [...new Set(implied)]).filter(
    (field) => figures.unit === null || nameWords(field).includes(figures.unit),
  );
}

/** What is asked for comes first, so that it is there of however many. */
function orderOf({ rank, bounds }: AskedFigures): 'desc' | 'asc' {
  return rank?.order ?? (bounds?.below !== undefined && bounds.above === undefined ? 'asc' : 'desc');
}

function rankedBy(rank: AskedFigures['rank']): string {
  return rank ? `, ${rank.order === 'desc' ? 'highest' : 'lowest'} first` : '';
}

const ASKS_WHEN = /^(?:and |at )?(?:when|what time|which (?:day|hour))\b|\btime of (?:the )?day\b/i;
/** "of all hosts, worst first": an order, and none is left out. */
const ASKS_ALL = /\b(?:all|each|every|per|first)\b/i;
/** What speaks of the past. */
const WAS = /\b(?:was|were|did|had)\b/i;
const BUCKETS: Record<string, string> = { hour: '1h', day: '1d', week: '7d' };

/** "by day", "over time", "when was … at its highest": the course of a metric; null when a figure of it is asked for. */
function seriesOf(clause: Clause, metric: string, agg: string): { args: object; what: string } | null {
  const { time, figures, roles, tokens, text } = clause;
  const at = roles.findIndex((each) => each.includes('by_time'));
  const bucket = at < 0 ? undefined : tokens.slice(at).find((token) => token.text in BUCKETS)?.text;
  if (bucket) {
    const range = time?.range ?? (bucket === 'hour' ? 'last_24h' : 'last_7d');
    const args = { metric, agg, range, bucket: BUCKETS[bucket] as string };
    return { args, what: `${agg === 'avg' ? 'average' : agg} ${metric} by ${bucket}` };
  }
  const when = ASKS_WHEN.test(text);
  if (!when && !asks(clause, 'trend') && !CHANGES.test(text)) return null;
  // The time of a peak is told with the series; of an hour's mean no peak is left.
  const peak = when ? { agg: figures.rank?.order === 'asc' ? 'min' : 'max' } : {};
  const range = time?.range ?? (when ? 'all' : 'last_24h');
  return { args: { metric, ...peak, range }, what: `${metric} over time` };
}

/** Without a time, load is of now; an extreme, a percentile and what was are of all recorded time. */
function spansAll(clause: Clause, metric: string): boolean {
  const { agg } = clause.figures;
  if (agg === 'last' || (agg !== null && nameWords(metric).includes(agg))) return false;
  return !/^(?:avg|last)$/.test(aggregations(clause, metric)[0] ?? 'avg') || WAS.test(clause.text);
}

/** The figures that may be meant; of several all are told. */
function aggregations(clause: Clause, metric: string): string[] {
  const { figures, items, time } = clause;
  const { agg, rank, bounds } = figures;
  // A metric whose name says a percentile may be meant averaged or as that percentile of its samples.
  if (agg !== null && nameWords(metric).includes(agg)) return ['avg', agg];
  // "now" may be the newest sample or the last hour.
  if (agg === 'last') return rank === null ? (time === null ? ['last', 'avg'] : ['last']) : ['avg'];
  if (agg !== null) return [agg];
  // "the highest cpu of db-01", "of any host" asks for a peak, "the host with the highest cpu" for a ranking.
  if (rank && (items.length === 1 || (rank.count === null && asksExtreme(clause))))
    return [rank.order === 'desc' ? 'max' : 'min'];
  // "had cpu above 90 last week" is true of a single sample; "has" speaks of now.
  if (bounds && time === null && !WAS.test(clause.text)) return ['last'];
  return [bounds ? (bounds.above === undefined ? 'min' : 'max') : 'avg'];
}

/** "the lowest memory of any database", "the longest wait": a single figure, not which item has it. */
function asksExtreme({ tokens, text, types }: Clause): boolean {
  if (/^(?:which|who)\b/i.test(text)) return false;
  return tokens.some(({ meaning }, at) => {
    const [before, after] = [tokens[at - 1], tokens[at + 1]];
    if (meaning?.kind !== 'metric' || !before || !(asksFor(before, 'high') || asksFor(before, 'low')))
      return false;
    return (
      /^(?:of|on|for|across|among|at|in)$/.test(after?.text ?? '') ||
      (types.length === 0 && !/^(?:most|least|top|bottom|fewest)$/.test(before.text))
    );
  });
}
