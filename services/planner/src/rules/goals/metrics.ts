import type { Json } from '@planyard/contracts';
import type { Show } from '../../answer/describer.ts';
import { type Clause, looseNumber } from '../clause.ts';
import type { AskedFigures } from '../figures-of.ts';
import { hasRelationVerb } from '../relation-of.ts';
import { HIGHEST, LOWEST } from '../vocabulary.ts';
import type { Builder, Goal } from './goal.ts';
import { scopesOf } from './scope.ts';

/** Of a ranking that names no number. */
export const RANKED = 5;
/** As many as the tool shows. */
const ALL = 5000;

/** Figures of a metric: of named items, of what the clause before found, or of all items of a type. */
export const metricGoal: Goal = (clause, builder) => {
  if (clause.metrics.length === 0) return false;
  // Figures by owner and the like would need a join that no tool makes.
  if (clause.fields.length > 0) return false;
  if (clause.items.length === 0 && clause.types.length > 1 && hasRelationVerb(clause.tokens)) return false;
  if (/\bwhy\b/i.test(clause.text))
    builder.note('These are figures, not reasons: without a model nothing here says why.');
  if (looseNumber(clause) !== null) return false;
  const scopes = scopesOf(clause, builder);
  for (const { args, of } of scopes) addMetric(clause, builder, args, of);
  return scopes.length > 0;
};

/** Adds a call for each metric a clause names, over a scope of items. */
export function addMetric(clause: Clause, builder: Builder, scope: Record<string, Json>, of: string): void {
  const bucket = bucketOf(clause.tokens);
  for (const metric of clause.metrics) {
    const aggs = aggregations(clause, metric);
    const range = clause.time?.range ?? (spansAll(clause, metric) ? 'all' : 'last_1h');
    if (bucket !== null) {
      for (const agg of aggs)
        builder.add(
          'series',
          'metric.series',
          {
            ...scope,
            metric,
            agg,
            range: clause.time?.range ?? (bucket === 'hour' ? 'last_24h' : 'last_7d'),
            bucket: BUCKETS[bucket],
          },
          `${agg === 'avg' ? 'average' : agg} ${metric} by ${bucket} ${of}`,
        );
      continue;
    }
    const when = ASKS_WHEN.test(clause.text);
    if (when || OVER_TIME.test(clause.text)) {
      builder.add(
        'series',
        'metric.series',
        {
          ...scope,
          metric,
          // Of an hour's mean no peak is left.
          ...(when ? { agg: clause.figures.rank?.order === 'asc' ? 'min' : 'max' } : {}),
          range: clause.time?.range ?? (when ? 'all' : 'last_24h'),
        },
        `${metric} over time ${of}`,
      );
      continue;
    }
    const { rank, above, below } = clause.figures;
    const bounds = boundsOf(clause.figures);
    const ranked = rank && !bounds;
    for (const agg of aggs)
      builder.add(
        'metric',
        'metric.aggregate',
        {
          ...scope,
          metric,
          agg,
          range,
          // What is asked for comes first, so that it is there of however many.
          order: rank?.order ?? (below !== null && above === null ? 'asc' : 'desc'),
          top: ranked && !ASKS_ALL.test(clause.text) ? (rank.count ?? RANKED) : ALL,
        },
        `${metric} ${of}${ranked ? `, ${rank.order === 'desc' ? 'highest' : 'lowest'} first` : ''}`,
        bounds ? { show: bounds } : {},
      );
  }
}

const OVER_TIME =
  /\b(?:trend|over time|series|develop\w*|evol\w*|graph|chart|plot|history)\b|\bhow (?:did|has) .*(?:change|go|behave)/i;
/** The time of a peak is told with the series. */
const ASKS_WHEN = /^(?:and |at )?(?:when|what time|which (?:day|hour))\b|\btime of (?:the )?day\b/i;
/** "of all hosts, worst first": an order, and none is left out. */
const ASKS_ALL = /\b(?:all|each|every|first)\b/i;

/** Bounds as the answer filters by them; null where none are named. */
export function boundsOf({ above, below, inclusive }: AskedFigures): Show | null {
  if (above === null && below === null) return null;
  return {
    ...(above === null ? {} : { above }),
    ...(below === null ? {} : { below }),
    ...(inclusive ? { inclusive } : {}),
  };
}

/** Without a time, load is of now; an extreme, a percentile and what was are of all recorded time. */
function spansAll(clause: Clause, metric: string): boolean {
  const { agg } = clause.figures;
  if (agg === 'last' || (agg !== null && namesAggregation(metric, agg))) return false;
  const [first = 'avg'] = aggregations(clause, metric);
  return !/^(?:avg|last)$/.test(first) || WAS.test(clause.text);
}

/** What speaks of the past. */
const WAS = /\b(?:was|were|did|had)\b/i;

function namesAggregation(metric: string, agg: string): boolean {
  return metric.toLowerCase().split(/[_.-]/).includes(agg);
}

/** "by day", "per hour": the length of the buckets that figures are asked for in. A metric's name ("trucks per hour") asks for none. */
export function bucketOf(tokens: Clause['tokens']): keyof typeof BUCKETS | null {
  const text = tokens.map((token) => (token.meaning === null ? token.text : '.')).join(' ');
  const word = /\b(?:by|per|each|every)(?: the)? (hour|day|week)\b/i.exec(text)?.[1]?.toLowerCase();
  return word === 'hour' || word === 'day' || word === 'week' ? word : null;
}

const BUCKETS = { hour: '1h', day: '1d', week: '7d' };

/** A metric whose name says a percentile may be meant averaged or as that percentile of its samples: both are told. */
function aggregations(clause: Clause, metric: string): string[] {
  const { figures, items, time } = clause;
  const { agg, rank, above, below } = figures;
  if (agg !== null && namesAggregation(metric, agg)) return ['avg', agg];
  // "now" may be the newest sample or the last hour.
  if (agg === 'last' && rank === null && time === null) return ['last', 'avg'];
  if (agg === 'last' && rank !== null) return ['avg'];
  if (agg !== null) return [agg];
  // "the highest cpu of db-01", "of any host" asks for a peak, "the host with the highest cpu" for a ranking.
  if (rank && (items.length === 1 || (rank.count === null && asksExtreme(clause))))
    return [rank.order === 'desc' ? 'max' : 'min'];
  // "had cpu above 90 last week" is true of a single sample; "has" speaks of now.
  if (above !== null || below !== null)
    return [time === null && !WAS.test(clause.text) ? 'last' : above !== null ? 'max' : 'min'];
  return ['avg'];
}

/** "the lowest memory of any database", "the longest wait": a single figure, not which item has it. */
function asksExtreme({ tokens, text, types }: Clause): boolean {
  return (
    !/^(?:which|who)\b/i.test(text) &&
    tokens.some(({ meaning }, at) => {
      const [before, after] = [tokens[at - 1]?.text ?? '', tokens[at + 1]?.text ?? ''];
      return (
        meaning?.kind === 'metric' &&
        (HIGHEST.test(before) || LOWEST.test(before)) &&
        (/^(?:of|on|for|across|among|at|in)$/.test(after) ||
          (types.length === 0 && !/^(?:most|least|top|bottom|fewest)$/.test(before)))
      );
    })
  );
}
